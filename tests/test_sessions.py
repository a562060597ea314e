"""Built models sum their products exactly, with the fastest kernels of the CPU that do."""

import numpy as np
import pytest

from rag import sessions
from rag.bert import embedding_model, product_model
from rag.minilm import read_weights

_WIDENED = "session.x64quantprecision"
_SIZE = 128


def _session(folder, build):
    return sessions.open_built(folder / "built.model", build)


def test_the_largest_products_are_summed_exactly(tmp_path):
    session = _session(tmp_path, lambda: product_model(_SIZE))
    sums = session.run(None, {"ids": np.ones((3, _SIZE), np.int64)})[0]
    assert sums == pytest.approx(np.full((3, _SIZE), _SIZE), rel=1e-5)


def test_products_are_widened_only_where_they_would_saturate(tmp_path, monkeypatch):
    def entry(exact):
        monkeypatch.setattr(sessions, "_sums_exactly", lambda folder: exact)
        session = _session(tmp_path, lambda: product_model(_SIZE))
        return session.get_session_options().get_session_config_entry(_WIDENED)

    assert [entry(exact) for exact in (True, False)] == ["0", "1"]


def test_vectors_are_the_same_with_widened_products(tmp_path, monkeypatch):
    def vector():
        session = _session(tmp_path, lambda: embedding_model(read_weights(), "int8"))
        return session.run(None, {"ids": np.array([[101, 3342, 2749, 2003, 102]])})[0]

    as_opened = vector()
    monkeypatch.setattr(sessions, "_sums_exactly", lambda folder: False)
    assert (as_opened == vector()).all()


class Saturating:
    """What a session of an AVX2 CPU without VNNI returns for the probe."""

    def run(self, _outputs, feed):
        return [feed["ids"] * 32.37746]


def test_a_cpu_that_saturates_is_found_out(tmp_path, monkeypatch):
    monkeypatch.setattr(sessions, "open_session", lambda model, widen: Saturating())
    assert not sessions._sums_exactly(tmp_path)
