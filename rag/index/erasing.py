"""Overwrite deleted vectors in the files of a closed generation.

The engine marks a deleted vector and keeps its bytes, from which its text could be guessed. To
build all anew takes minutes at 100,000 vectors. So each marked one becomes a copy of a live
neighbour's: searches still pass through it on their way, and never return it.

The layout is hnswlib's (``saveIndex`` in hnswalg.h) as Chroma writes it. Only one release of the
engine opens a generation's files, and whatever does not fit the layout is an error.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import REMEDY, IndexDamagedError
from rag.index.engine import DATABASE
from rag.store import vacuum_file

# Version, offset of the links, capacity, elements, bytes an element, offsets of label and vector,
# highest level, entry point, most links above and on the lowest level, M, level factor, ef.
_HEADER = struct.Struct("<i6QiI3QdQ")
_ID_BYTES = 4
_LABEL_BYTES = 8
_MARK = 1  # in the third byte of an element's links


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things are in ``data_level0.bin``."""

    elements: int
    element_bytes: int
    label_at: int
    vector_at: int

    @property
    def dtype(self) -> np.dtype[Any]:
        """One element: links on the lowest level, the vector, the label."""
        links = self.vector_at // _ID_BYTES - 1
        numbers = (self.label_at - self.vector_at) // 4
        return np.dtype(
            [
                ("count", "<u2"),
                ("mark", "u1"),
                ("pad", "u1"),
                ("links", "<u4", (links,)),
                ("vector", "<f4", (numbers,)),
                ("label", "<u8"),
            ]
        )


def erase(path: Path, *, live: int) -> None:
    """Overwrite the deleted vectors of a closed generation that has ``live`` others.

    Raises ``IndexDamagedError`` where its files are not laid out as expected, or do not hold as
    many deleted vectors as they should: then only a fresh build is rid of them.
    """
    graphs = list(path.glob("*/header.bin"))
    if len(graphs) != 1:
        raise _unexpected(path, f"{len(graphs)} graphs")
    layout = _layout(graphs[0])
    elements = np.memmap(
        graphs[0].with_name("data_level0.bin"), layout.dtype, "r+", shape=(layout.elements,)
    )
    deleted = np.flatnonzero(elements["mark"] & _MARK)
    if len(elements) - len(deleted) != live:
        raise _unexpected(path, f"{len(elements) - len(deleted)} vectors instead of {live}")
    for number in deleted.tolist():
        elements["vector"][number] = _stand_in(elements, number)
    elements.flush()
    vacuum_file(path / DATABASE)


def _stand_in(elements: npt.NDArray[Any], number: int) -> npt.NDArray[np.float32]:
    """Choose a live neighbour's vector, or none at all."""
    element = elements[number]
    for neighbour in element["links"][: element["count"]]:
        if not elements["mark"][neighbour] & _MARK:
            vector: npt.NDArray[np.float32] = elements["vector"][neighbour]
            return vector
    return np.zeros_like(element["vector"])


def _layout(header: Path) -> _Layout:
    content = header.read_bytes()
    if len(content) != _HEADER.size:
        raise _unexpected(header.parent.parent, f"a header of {len(content)} bytes")
    _, links_at, _, elements, size, label_at, vector_at, *_ = _HEADER.unpack(content)
    layout = _Layout(elements, size, label_at, vector_at)
    found = header.with_name("data_level0.bin").stat().st_size
    fits = links_at == 0 and label_at + _LABEL_BYTES == size == layout.dtype.itemsize
    if not fits or found < elements * size:
        raise _unexpected(header.parent.parent, "a layout of another kind")
    return layout


def _unexpected(path: Path, found: str) -> IndexDamagedError:
    return IndexDamagedError(f"{path} has {found}, which was not expected; {REMEDY}")
