"""A few documents are taken out of a large index without building all of it anew."""

import contextlib

import numpy as np
import pytest

from rag.errors import IndexDamagedError
from rag.index.engine import Engine
from rag.index.erasing import erase

COUNT = 300
VECTORS = np.random.default_rng(0).standard_normal((COUNT, 32)).astype("f4")
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)


def name(number):
    return f"secret-{number:03}@"


@pytest.fixture
def folder(tmp_path):
    rows = ((name(n), f"hidden-{n:03}@", VECTORS[n].tobytes()) for n in range(COUNT))
    with contextlib.closing(Engine(tmp_path, create=True)) as engine:
        engine.add(rows, total=COUNT)
    return tmp_path


def deleted(folder, numbers):
    with contextlib.closing(Engine(folder, create=True)) as engine:
        engine.delete([name(n) for n in numbers])
        return engine.count()


def stored_vectors(folder):
    """The vectors in the graph's file, wherever they stand in it."""
    (table,) = folder.glob("*/data_level0.bin")
    elements = np.frombuffer(table.read_bytes(), "u1").reshape(COUNT, -1)
    return np.frombuffer(elements[:, -32 * 4 - 8 : -8].tobytes(), "<f4").reshape(COUNT, 32)


@pytest.mark.parametrize("numbers", [[7], [7, 8], range(50, 120)])
def test_erased_vectors_are_in_no_file_and_the_others_are_found(folder, numbers):
    assert (stored_vectors(folder) @ VECTORS[7] > 0.9999).sum() == 1
    count = deleted(folder, numbers)
    assert count == COUNT - len(numbers)
    erase(folder, live=count)
    gone = VECTORS[list(numbers)]
    assert (stored_vectors(folder) @ gone.T).max() < 0.9999
    contents = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for number in numbers:
        assert VECTORS[number].tobytes() not in contents
        assert f"secret-{number:03}".encode() not in contents
        assert f"hidden-{number:03}".encode() not in contents
    with contextlib.closing(Engine(folder)) as engine:
        for number in sorted(set(range(COUNT)) - set(numbers)):
            ((nearest, _),) = engine.nearest(VECTORS[number], limit=1, documents=None)
            assert nearest == name(number)
        found = {n for n, _ in engine.nearest(gone[0], limit=COUNT, documents=None)}
        assert not found & {name(number) for number in numbers}


def test_erasing_twice_is_as_good_as_once(folder):
    for numbers in ([1, 2, 3], [4]):
        count = deleted(folder, numbers)
        erase(folder, live=count)
    assert count == COUNT - 4
    assert (stored_vectors(folder) @ VECTORS[1:5].T).max() < 0.9999


def header(folder):
    (path,) = folder.glob("*/header.bin")
    return path


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def widened(path):
    content = bytearray(path.read_bytes())
    content[28] += 4  # bytes an element
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [cut, widened, lambda path: path.unlink()])
def test_files_of_another_layout_are_refused(folder, harm):
    count = deleted(folder, [1, 2])
    harm(header(folder))
    with pytest.raises(IndexDamagedError, match="not expected"):
        erase(folder, live=count)


def test_a_deletion_that_is_not_in_the_files_is_noticed(folder):
    with pytest.raises(IndexDamagedError, match="300 vectors instead of 299"):
        erase(folder, live=299)
