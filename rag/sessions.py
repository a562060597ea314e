"""Build an ONNX model once, keep it in the user's cache folder, and open it from there."""

from __future__ import annotations

import functools
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.minilm import save

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_LOG = logging.getLogger(__name__)
_DIGEST_BYTES = 32
_PROBE = "products-v1.model"
_PROBE_SIZE = 64


def open_built(path: Path, build: Callable[[], bytes]) -> InferenceSession:
    """Open the model at ``path``, building and keeping it where there is none or it is damaged.

    The file begins with the SHA-256 digest of the rest.
    """
    return open_session(_kept(path, build), widen=not _sums_exactly(path.parent))


def _kept(path: Path, build: Callable[[], bytes]) -> bytes:
    model = _read_digested(path)
    if model is None:
        model = build()
        try:
            save(path, hashlib.sha256(model).digest() + model)
        except OSError as error:
            _LOG.warning("cannot keep the built model at %s: %s", path, error)
    return model


def open_session(model: bytes, *, widen: bool) -> InferenceSession:
    """Open a session of one thread; several texts run in several threads of ours.

    ``widen`` has products of int8 summed exactly by CPUs that would saturate, at half the speed.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only
    # Lengths differ from text to text: planning memory for each of them only costs memory.
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.x64quantprecision", str(int(widen)))
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@functools.lru_cache(maxsize=4)
def _sums_exactly(folder: Path) -> bool:
    """Try whether this CPU sums the largest products of int8 exactly, as those with VNNI do.

    Others add pairs of them in 16 bits. onnxruntime widens for every x86 CPU where it is told to,
    though the sums, and so the vectors, are the same to the bit where nothing saturates.
    """
    session = open_session(_kept(folder / _PROBE, _probe), widen=False)
    ones = np.ones((_PROBE_SIZE, _PROBE_SIZE), np.int64)
    return bool(np.allclose(session.run(None, {"ids": ones})[0], _PROBE_SIZE))


def _probe() -> bytes:
    from rag.bert import product_model

    return product_model(_PROBE_SIZE)


def _read_digested(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            digest, model = file.read(_DIGEST_BYTES), file.read()
    except OSError:
        return None
    return model if hashlib.sha256(model).digest() == digest else None
