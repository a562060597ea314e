"""A short run of `make torture`: each point once, a few races, a disk that is full."""

import re

import pytest
from torture import sections
from torture.documents import Author, Step
from torture.kills import AT_RANDOM
from torture.verdicts import allowed

from rag.failpoints import POINTS
from rag.types import Document

A, B = Document("a", "The ferry sails."), Document("b", "The bridge is closed.")
HELD = {"a": A.content_hash}


def _violations(trials):
    return [f"{trial}" for trial in trials if trial.faults(patience=3)]


def test_a_change_killed_at_any_point_loses_nothing_and_can_be_repeated():
    plan = [(point, sections.SIGNALS[n % 2]) for n, point in enumerate(POINTS)]
    trials = list(sections.strikes(plan, seed="short", lanes=2, learn=False))
    assert not _violations(trials)
    assert sorted(trial.point for trial in trials if trial.struck) == sorted(POINTS)


def test_a_full_disk_in_the_middle_of_a_change_leaves_the_old_index():
    at = ("store.commit", "generation.added", "erase.words", "sweep.generation")
    trials = list(sections.strikes([(p, "enospc") for p in at], seed="f", lanes=1, learn=False))
    assert not _violations(trials)
    told = [trial.said for trial in trials]
    assert all(re.search("no space (is )?left", line, re.IGNORECASE) for line in told)
    assert not any("\n" in line for line in told)


def test_of_two_writers_one_writes_and_the_other_is_told_by_whom():
    races = list(sections.races(4, seed="short", lanes=2))
    assert not _violations(races)
    assert sum(race.refused for race in races) > 0
    assert sum(race.killed for race in races) > 0


def test_readers_beside_a_writer_are_fresh_and_finish_what_they_began():
    fresh, under_way, questions = sections.readers(1, seed="short")
    assert not _violations([fresh, under_way, questions])
    assert fresh.done
    assert under_way.done
    assert questions.done


def test_a_disk_without_room_leaves_an_index_that_answers():
    trials = list(sections.disks(2, seed="short", kinds=("edit",)))
    if not trials:
        pytest.skip("this process may not mount a disk")
    assert not _violations(trials)


# ------------------------------------------------------------------ the judge itself


@pytest.mark.parametrize(
    ("points", "held"),
    [
        (["store.begun", "store.document"], [["a"]]),
        (["store.begun", "store.document", "store.commit"], [["a"], ["a", "b"]]),
        (["store.document", "store.commit", "store.committed", "generation.begun"], [["a", "b"]]),
        (["store.document", "store.commit", "store.committed", "step"], [["a", "b"]]),
    ],
)
def test_what_is_committed_must_be_there_and_nothing_else_may(points, held):
    states = allowed(HELD, [Step((B,))], points)
    assert [sorted(state) for state in states] == held


def test_a_removal_counts_from_its_commit():
    step = Step(removed=("a",))
    assert allowed(HELD, [step], ["erase.begun", "erase.document"]) == [HELD]
    done = ["erase.begun", "erase.words", "store.commit", "store.committed"]
    assert allowed(HELD, [step], done) == [{}]
    assert allowed(HELD, [step], done[:-1]) == [HELD, {}]


def test_a_rebuild_counts_from_its_taking_the_place_of_the_old():
    step = Step((B,), rebuild=True)
    filled = ["store.document", "store.commit", "store.committed"]
    assert allowed(HELD, [step], filled) == [HELD]
    assert allowed(HELD, [step], [*filled, "rebuild.adopt"]) == [HELD, step.applied(HELD)]
    assert allowed(HELD, [step], [*filled, "rebuild.adopt", "rebuild.adopted"]) == [
        step.applied(HELD)
    ]


def test_changes_repeat_from_their_seed():
    first, second = Author("s"), Author("s")
    kinds = ["add", "add", "edit", "rename", "bulk", "delete", "rebuild", "bulk"]
    assert [first.make(k) for k in kinds] == [second.make(k) for k in kinds]
    assert AT_RANDOM not in POINTS
