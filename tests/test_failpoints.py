"""Points that a test can make act: all are known, all are quiet unless armed."""

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag.errors import ConfigError, IndexProblem
from rag.failpoints import POINTS, VARIABLE, armed, failpoint, from_environment, listen
from rag.ingestion import ingest
from rag.testing import HashEmbedder
from rag.types import Document, ReadOutcome

ROOT = Path(__file__).resolve().parent.parent
FERRY = ReadOutcome("ferry.txt", (Document("ferry", "The ferry sails at noon."),))


@pytest.fixture
def heard():
    """The names of the points passed during a test."""
    names = []
    listen(names.append)
    yield names
    listen(None)


def _named_in(path):
    calls = (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call))
    return [ast.literal_eval(c.args[0]) for c in calls if ast.unparse(c.func) == "failpoint"]


def test_every_point_in_the_code_is_listed_and_stands_in_one_place():
    files = [p for p in (ROOT / "rag").rglob("*.py") if p.name != "failpoints.py"]
    assert sorted(name for path in files for name in _named_in(path)) == sorted(POINTS)


def test_a_point_does_nothing_until_somebody_listens(heard):
    failpoint("store.commit")
    assert heard == ["store.commit"]
    listen(None)
    failpoint("store.commit")
    assert heard == ["store.commit"]


def test_points_are_passed_in_the_order_in_which_they_are_listed(heard, tmp_path):
    ingest(tmp_path / "index", [FERRY], embedder=HashEmbedder(), chunk_tokens=64)
    first = [name for name in dict.fromkeys(heard) if name not in ("lock.freed", "sweep.done")]
    assert first == [name for name in POINTS if name in first]
    assert {"lock.taken", "store.committed", "generation.synced", "switch.done"} <= set(first)


def test_an_armed_point_acts_when_it_is_passed_for_the_nth_time():
    passed = armed("store.chunk:enospc:2")
    passed("store.chunk")
    passed("store.words")
    with pytest.raises(OSError, match="No space left on device"):
        passed("store.chunk")
    passed("store.chunk")


@pytest.mark.parametrize(
    "setting", ["", "store.commit", "nowhere:kill", "store.commit:burn", "store.commit:kill:0", ":"]
)
def test_a_setting_that_cannot_be_understood_says_what_was_expected(setting):
    with pytest.raises(ConfigError, match=r"expected NAME:ACTION\[:N\].* found "):
        armed(setting)


def test_an_installed_package_does_not_listen_to_the_environment(tmp_path):
    environ = {VARIABLE: "store.commit:error"}
    assert from_environment(environ, checkout=ROOT) is not None
    assert from_environment(environ, checkout=tmp_path) is None
    assert from_environment({}, checkout=ROOT) is None


def test_what_the_system_refuses_is_told_in_one_line(tmp_path):
    listen(armed("generation.begun:error"))
    try:
        with pytest.raises(IndexProblem, match="Input/output error") as told:
            ingest(tmp_path / "index", [FERRY], embedder=HashEmbedder(), chunk_tokens=64)
    finally:
        listen(None)
    assert "\n" not in str(told.value)


INGEST = """
import sys
from pathlib import Path
from rag.ingestion import ingest
from rag.testing import HashEmbedder
from rag.types import Document, ReadOutcome
outcome = ReadOutcome("ferry.txt", (Document("ferry", "The ferry sails at noon."),))
ingest(Path(sys.argv[1]), [outcome], embedder=HashEmbedder(), chunk_tokens=64)
"""


def _ingesting(folder, setting):
    environ = {**os.environ, VARIABLE: setting}
    command = [sys.executable, "-c", INGEST, str(folder)]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("action", "number"), [("kill", signal.SIGKILL), ("term", signal.SIGTERM)])
def test_the_environment_can_have_a_process_killed_at_a_point(tmp_path, action, number):
    with _ingesting(tmp_path / "index", f"store.committed:{action}") as process:
        assert process.wait(60) == -number
    report = ingest(tmp_path / "index", [FERRY], embedder=HashEmbedder(), chunk_tokens=64)
    assert report.unchanged == ("ferry",)


def test_the_environment_can_have_a_process_wait_to_be_killed(tmp_path):
    with _ingesting(tmp_path / "index", "store.commit:pause") as process:
        assert process.stderr.readline() == "paused at store.commit\n"
        assert process.poll() is None
        process.kill()
    report = ingest(tmp_path / "index", [FERRY], embedder=HashEmbedder(), chunk_tokens=64)
    assert report.added == ("ferry",)


def test_a_quiet_point_costs_next_to_nothing():
    began = time.perf_counter()
    for _ in range(100_000):
        failpoint("store.chunk")
    assert time.perf_counter() - began < 1.0, "10 µs each would be a hundredfold"
