"""Overwrite what the engine leaves undefined in its files.

hnswlib writes its tables out with room for vectors to come, as the memory happens to be: whatever
the process had freed before lies there, such as a text that was just taken out of the store.
"""

from __future__ import annotations

import struct
from pathlib import Path

# header.bin: format, offset of the links, capacity, vectors, bytes for each vector; 1 is the format
_HEADER = struct.Struct("<iQQQQ")
_FORMAT = 1
_LENGTH_BYTES = 4  # of a vector's norm in length.bin
_AT_ONCE = 1 << 20


def scrub(path: Path) -> None:
    """Write zeros over the unused part of a closed generation's tables."""
    for header in path.glob("*/header.bin"):
        form, _, capacity, count, size = _HEADER.unpack(header.read_bytes()[: _HEADER.size])
        if form == _FORMAT:
            _clear(header.with_name("data_level0.bin"), count * size, capacity * size)
            _clear(header.with_name("length.bin"), count * _LENGTH_BYTES, capacity * _LENGTH_BYTES)


def _clear(path: Path, start: int, end: int) -> None:
    if path.stat().st_size != end:  # not laid out as expected: better whole than clean
        return
    with path.open("r+b") as file:
        file.seek(start)
        for first in range(start, end, _AT_ONCE):
            file.write(bytes(min(_AT_ONCE, end - first)))
