"""Build an ONNX model once, keep it in the user's cache folder, and open it from there."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rag.minilm import save

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_LOG = logging.getLogger(__name__)
_DIGEST_BYTES = 32


def open_built(path: Path, build: Callable[[], bytes]) -> InferenceSession:
    """Open the model at ``path``, building and keeping it where there is none or it is damaged.

    The file begins with the SHA-256 digest of the rest.
    """
    model = _read_digested(path)
    if model is None:
        model = build()
        try:
            save(path, hashlib.sha256(model).digest() + model)
        except OSError as error:
            _LOG.warning("cannot keep the built model at %s: %s", path, error)
    return open_session(model)


def open_session(model: bytes) -> InferenceSession:
    """Open a session of one thread; several texts run in several threads of ours."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only
    # Lengths differ from text to text: planning memory for each of them only costs memory.
    options.enable_mem_pattern = False
    # Without VNNI, products of full-range int8 would saturate and change the vectors.
    options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _read_digested(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            digest, model = file.read(_DIGEST_BYTES), file.read()
    except OSError:
        return None
    return model if hashlib.sha256(model).digest() == digest else None
