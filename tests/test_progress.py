"""The progress of an ingest: on stderr, a bar where there is a terminal and lines elsewhere."""

import contextlib
import io
import time

from rag.cli.progress import IngestProgress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def wait_for_the_next_redraw():
    time.sleep(0.15)


def test_a_terminal_shows_count_rate_and_time_left():
    with contextlib.redirect_stderr(Terminal()) as terminal, IngestProgress() as shown:
        shown.stage("documents", 0, 4)
        for _ in range(4):
            wait_for_the_next_redraw()
            shown.step("a")
    assert "documents: 100%" in terminal.getvalue()
    assert "4/4 [00:00<00:00" in terminal.getvalue()
    assert "it/s" in terminal.getvalue()


def test_a_stage_follows_another():
    with contextlib.redirect_stderr(Terminal()) as terminal, IngestProgress() as shown:
        shown.stage("documents", 0, 4)
        shown.step("a")
        shown.stage("vectors", 0, 900)
        wait_for_the_next_redraw()
        shown.stage("vectors", 500, 900)
    assert "500/900" in terminal.getvalue()


def test_a_short_ingest_leaves_no_line_in_a_log(capsys):
    with IngestProgress() as shown:
        shown.step("before the first stage")
        shown.stage("documents", 0, 4)
        shown.step("a")
    assert capsys.readouterr() == ("", "")
