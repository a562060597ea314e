"""Count and cut text in the tokens that OpenAI's chat models are billed and limited by."""

from __future__ import annotations

import functools
import hashlib
import os
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import RagError

if TYPE_CHECKING:
    import tiktoken

_ENCODING = "o200k_base"
# The name tiktoken gives its cached copy of the table: SHA-1 of the address it comes from.
_TABLE = "fb374d419588a4632f3f557e76b4b70aebbca790"
_TABLE_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
_BLOCK = 20_000  # characters; a long run without a space costs more than linear time
_lock = threading.Lock()


def count_tokens(text: str) -> int:
    """Count the tokens of ``text``; special tokens in it are plain text.

    Texts above 20,000 characters are counted in blocks, which can add a token for each block.
    """
    return sum(len(_encoding().encode_ordinary(block)) for block in _blocks(text))


def truncate_tokens(text: str, limit: int) -> str:
    """Return the start of ``text`` that ``limit`` tokens have room for, in whole characters."""
    kept: list[str] = []
    left = max(limit, 0)
    for block in _blocks(text):
        tokens = _encoding().encode_ordinary(block)
        if len(tokens) > left:
            kept.append(_prefix(block, left))
            break
        kept.append(block)
        left -= len(tokens)
    return "".join(kept)


def _blocks(text: str) -> list[str]:
    return [text[start : start + _BLOCK] for start in range(0, len(text), _BLOCK)]


def _prefix(text: str, limit: int) -> str:
    """Cut after ``limit`` tokens, or earlier where the cut changes the tokens before it."""
    encoding = _encoding()
    tokens = encoding.encode_ordinary(text)[:limit]
    while tokens:
        whole_characters = encoding.decode_bytes(tokens).decode("utf-8", "ignore")
        prefix = text[: len(whole_characters)]
        if len(encoding.encode_ordinary(prefix)) <= limit:
            return prefix
        tokens.pop()
    return ""


@functools.cache
def _encoding() -> tiktoken.Encoding:
    """Open the encoding from the table inside llama-index-core, without the network.

    Left to itself, tiktoken downloads the table, even where a damaged copy lies in its cache.
    """
    folder = _table_folder()
    if hashlib.sha256((folder / _TABLE).read_bytes()).hexdigest() != _TABLE_SHA256:
        raise RagError(
            f"the token table {folder / _TABLE} is damaged; reinstall it with "
            "`pip install --force-reinstall --no-deps llama-index-core`"
        )
    import tiktoken

    with _lock:
        before = os.environ.get("TIKTOKEN_CACHE_DIR")
        os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
        try:
            return tiktoken.get_encoding(_ENCODING)
        finally:
            os.environ.pop("TIKTOKEN_CACHE_DIR")
            if before is not None:
                os.environ["TIKTOKEN_CACHE_DIR"] = before


def _table_folder() -> Path:
    """Find llama-index-core's copy of the tables; importing llama_index takes two seconds."""
    spec = find_spec("llama_index")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / "core" / "_static" / "tiktoken_cache"
        if (folder / _TABLE).is_file():
            return folder
    raise RagError(
        "no token table found: llama-index-core is missing or carries none; "
        "install it with `pip install 'llama-index-core>=0.14.20,<0.15'`"
    )
