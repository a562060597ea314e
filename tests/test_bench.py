"""The benchmark's instruments: what it measures with, and what it gives everybody to do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evals.bench import levels
from evals.bench.contenders import CONTENDERS, OURS
from evals.bench.corpus import write_corpus
from evals.bench.measure import measure
from evals.bench.report import ROWS, Row, as_markdown, percentiles, ratio, write
from rag.errors import RagError

ROOT = Path(__file__).resolve().parent.parent


# Measured from a light process: a child's peak is never reported below its parent's at the start.
MEASURE_A_CHILD = """
import os
from evals.bench.measure import measure
code = "import time; held = bytes(range(256)) * 800_000; time.sleep(0.2); print(len(held))"
run = measure(["-c", code], environment=os.environ)
print(run.output.strip(), run.peak_megabytes, run.seconds)
"""


def test_measure_sees_the_memory_and_the_time_of_the_child():
    command = [sys.executable, "-c", MEASURE_A_CHILD]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    printed, megabytes, seconds = map(float, done.stdout.split())
    assert printed == 256 * 800_000
    assert 205 < megabytes < 400
    assert seconds > 0.2


def test_measure_reads_the_report_on_the_last_line():
    run = measure(["-c", "print('loading'); print('{\"seconds\": 1.5}')"], environment=os.environ)
    assert run.report == {"seconds": 1.5}


def test_measure_passes_on_the_last_words_of_a_command_that_failed():
    with pytest.raises(RagError, match="no such store"):
        measure(["-c", "raise SystemExit('no such store')"], environment=os.environ)


def test_corpus_is_the_same_in_every_run_and_no_document_like_another(tmp_path, seeds):
    sizes = {write_corpus(seeds, tmp_path / name, documents=5) for name in ("first", "second")}
    first, second = (
        [file.read_text(encoding="utf-8") for file in sorted((tmp_path / name).iterdir())]
        for name in ("first", "second")
    )
    assert first == second
    assert sizes == {sum(map(len, first))}
    paragraphs = [paragraph for text in first for paragraph in text.split("\n\n")]
    assert len(set(paragraphs)) == len(paragraphs)


def test_corpus_holds_sentences_and_no_front_matter(tmp_path, seeds):
    write_corpus(seeds, tmp_path / "corpus", documents=3)
    for file in (tmp_path / "corpus").iterdir():
        text = file.read_text(encoding="utf-8")
        assert 3_000 < len(text) < 12_000
        assert "publisher:" not in text
        assert "#" not in text


def test_contenders_see_no_settings_of_the_developer(monkeypatch):
    monkeypatch.setenv("RAG_TOP_K", "3")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    probe = type(OURS)("probe", "", ("-c", "import os; print(sorted(os.environ), '{question}')"))
    run = probe.cold(store=None, question="Why?")
    assert "RAG_TOP_K" not in run.output
    assert "OPENAI_API_KEY" not in run.output
    assert run.output.endswith("Why?\n")


@pytest.mark.parametrize(("more_is_better", "expected"), [(False, 2.0), (True, 0.5)])
def test_a_ratio_above_one_means_better(more_is_better, expected):
    row = Row("figure", "a figure", more_is_better)
    assert ratio(row, {"figure": 10.0}, {"figure": 20.0}) == expected


def test_percentiles_interpolate_between_values():
    assert percentiles("ms", range(1, 101)) == {"ms_p50": 50.5, "ms_p95": pytest.approx(95.95)}


def test_results_are_written_as_json_and_as_a_table(tmp_path):
    figures = {c.name: {row.key: float(i + 1) for row in ROWS} for i, c in enumerate(CONTENDERS)}
    table = as_markdown(figures, setting="A test.")
    write(figures, table, tmp_path / "results", setting="A test.")
    record = json.loads((tmp_path / "results" / "bench.json").read_text(encoding="utf-8"))
    assert record == {"setting": "A test.", "figures": figures}
    assert (tmp_path / "results" / "bench.md").read_text(encoding="utf-8") == table
    assert "| warm answer, median (ms) | 1.00 | 2.00 | 2.00× | 3.00 | 3.00× |" in table


def test_levels_show_what_each_has():
    found = {
        "off": {"accuracy": 0.5, "answer_ms": 20.0},
        "reader": {"accuracy": 0.75, "answer_ms": 80.4, "build_seconds": 1.26},
    }
    table = levels.as_markdown(found)
    assert "| gold questions answered rightly | 50% | 75% |" in table
    assert "| warm answer, median (ms) | 20 | 80 |" in table
    assert "| model built once (s) |  | 1.3 |" in table
