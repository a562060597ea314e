"""The growth benchmark's instruments: what fills an index up, and how its curves are drawn."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from evals.bench.curves import Panel, draw
from evals.bench.filler import CHUNKS_PER_DOCUMENT, BlendEmbedder, FillerText
from rag.chunking import split_document
from rag.terms import STOP_WORDS

ROOT = Path(__file__).resolve().parent.parent
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def filler():
    return FillerText()


@pytest.fixture
def base():
    vectors = np.random.default_rng(0).standard_normal((20, 384)).astype("f4")
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_a_filler_document_follows_from_its_number_and_has_its_share_of_chunks(filler):
    assert filler.document(7) == FillerText().document(7)
    assert filler.document(7).text != filler.document(8).text
    sizes = [len(split_document(filler.document(n), chunk_tokens=180)) for n in range(5)]
    assert CHUNKS_PER_DOCUMENT - 1 <= np.mean(sizes) <= CHUNKS_PER_DOCUMENT + 1


def test_filler_words_are_as_unequal_as_those_of_a_language(filler):
    words = [w.strip(".").lower() for n in range(20) for w in filler.document(n).text.split()]
    counts = Counter(word for word in words if word not in STOP_WORDS)
    ranked = [count for _, count in counts.most_common()]
    assert ranked[0] > 5 * ranked[100] > 0
    assert sum(count == 1 for count in ranked) > len(ranked) / 3
    assert 0.3 < 1 - sum(ranked) / len(words) < 0.6, "stop words are about half of any text"


def test_a_query_asks_for_words_of_a_document(filler):
    text = filler.document(7).text.lower()
    query = filler.query(7).split()
    assert len(query) == 7
    assert all(word in text for word in query)


def test_a_blend_follows_from_its_text_and_resembles_its_first_part(base):
    vectors = BlendEmbedder(base).embed(["one text", "another text", "one text"])
    assert (vectors[0] == vectors[2]).all()
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert (vectors[0] @ base.T).max() > 0.5


def test_curves_are_drawn_with_a_point_for_each_size():
    rows = [{"chunks": n, "fast": n / 2, "slow": 3.0} for n in (100, 1000, 150_000)]
    panels = [Panel("time <ms>", {"fast": "fast", "slow": "slow"}), Panel("one", {"slow": "s"})]
    svg = ET.fromstring(draw(rows, panels, x="chunks"))
    assert len(svg.findall(f".//{SVG}circle")) == 9
    assert "time <ms>" in [text.text for text in svg.iter(f"{SVG}text")]
    for circle in svg.iter(f"{SVG}circle"):
        assert 0 <= float(circle.get("cy")) <= float(svg.get("height"))


def test_an_index_grows_is_searched_and_loses_documents(tmp_path, base):
    np.save(tmp_path / "base.npy", base)
    command = [sys.executable, "-m", "evals.bench.growing"]
    rest = [str(tmp_path / "index"), str(tmp_path / "base.npy"), "40"]
    found = {}
    for job in ("grow", "query", "erase"):
        done = subprocess.run(
            [*command, job, *rest], capture_output=True, check=True, cwd=ROOT, env=os.environ
        )
        found |= json.loads(done.stdout)
    assert found["chunks"] == pytest.approx(40, abs=5)
    assert found["recall_at_10"] > 0.98
    assert found["removed"] == 3
    assert min(found[key] for key in ("store_megabytes", "search_ms_p50", "remove_seconds")) > 0
