"""Embedded Chroma writes all vectors to its files, however they come."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.engine import Engine, batch_sizes

VECTORS = np.random.default_rng(0).standard_normal((2603, 16)).astype("f4")
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
_BYTES_A_LENGTH = 4


def rows(first, last):
    return [(f"v{n}", f"d{n // 9}", VECTORS[n].tobytes()) for n in range(first, last)]


def added(folder, first, last):
    with contextlib.closing(Engine(folder, create=True)) as engine:
        engine.add(iter(rows(first, last)), total=last - first)
        return engine.count()


def on_disk(folder):
    """How many vectors the graph's files hold, beside those in the log."""
    (lengths,) = folder.glob("*/length.bin")
    return lengths.stat().st_size // _BYTES_A_LENGTH


def test_many_vectors_and_few_later_ones_are_all_written_to_the_graph(tmp_path):
    for first, last in ((0, 1301), (1301, 2601), (2601, 2603)):
        assert added(tmp_path, first, last) == last
        assert on_disk(tmp_path) == last
    with contextlib.closing(Engine(tmp_path)) as engine:
        for number in (0, 1300, 1301, 2602):
            ((name, similarity),) = engine.nearest(VECTORS[number], limit=1, documents=None)
            assert (name, round(similarity, 5)) == (f"v{number}", 1)


@given(total=st.integers(1001, 2_000_000), data=st.data())
def test_each_flush_falls_on_the_end_of_a_batch(total, data):
    flushes = data.draw(st.integers(1, -(-total // 25_000)))
    sizes = batch_sizes(total, flushes)
    assert sum(sizes) == total
    assert 2 <= min(sizes) <= max(sizes) <= 1000
    threshold, pending, flushed = total // flushes, 0, 0
    for size in sizes:
        pending += size
        if pending >= threshold:
            pending, flushed = 0, flushed + 1
    assert (pending, flushed) == (0, flushes)


def test_nothing_to_add_is_fine(tmp_path):
    assert added(tmp_path, 0, 0) == 0


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_few_vectors_are_found_again(tmp_path, count):
    assert added(tmp_path, 0, count) == count
    with contextlib.closing(Engine(tmp_path)) as engine:
        assert engine.nearest(VECTORS[0], limit=1, documents=None)[0][0] == "v0"
