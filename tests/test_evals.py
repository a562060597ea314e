from __future__ import annotations

from dataclasses import replace

import pytest

from evals.gate import Shortfall, load_floors, shortfalls
from evals.harness import evaluate, summarise
from evals.report import as_text, failures
from evals.samples import Sample, choose, load_samples
from evals.testing import ScriptedBot
from rag.errors import ChatModelTimeout, InputError, RagError
from rag.types import Answer, Citation, Document, Message, Passage

TEXT = "The harbour office counted 8,000 crates. The customs office speaks of two ships."
HARBOUR = Document("harbour", TEXT, title="Harbour news")
CRATES = Sample(
    "figure-01", "figure", "How many crates?", True, "dev", (), (("8000",),), evidence=(("8000",),)
)
CRATES = replace(CRATES, documents=("harbour",))
SHIPS = replace(
    CRATES, id="figure-02", question="And ships?", must=(("2",),), evidence=(("2 ship",),)
)
WHALES = Sample("unanswerable-01", "unanswerable", "How many whales?", False, "test")
PREMISE = Sample(
    "false-premise-01", "false-premise", "Why were there no crates?", False, "test",
    correction=("8000",), evidence=(("8000",),), documents=("harbour",),
)  # fmt: skip


def _bot(answers):
    found = ("The customs office speaks of two ships.", "8,000 crates")
    return ScriptedBot(HARBOUR, answers, passages=[_passage(text) for text in found])


def _passage(text):
    start = TEXT.index(text)
    return Passage("harbour", start, start + len(text), text, 1.0)


def _cited(question, quote, *, text=None, shift=0, document="harbour"):
    start = TEXT.index(quote) + shift
    citation = Citation(
        1, document, "Harbour news", None, None, None, "article", quote, start,
        start + len(quote), 1.0,
    )  # fmt: skip
    shown = f"{text or quote} [1]"
    return Answer(question, shown, False, "extractive", "extractive", citations=(citation,))


def _declined(question):
    return Answer(question, "Not in these articles.", True, "extractive", "extractive")


def _scores(sample, answer):
    (result,) = evaluate(_bot({sample.question: answer}), [sample])
    return result.scores


def _value(name, sample, answer):
    return _scores(sample, answer)[name].value


RIGHT = _cited(CRATES.question, "The harbour office counted 8,000 crates.")
OTHER = _cited(CRATES.question, "The customs office speaks of two ships.")


def test_an_answer_with_the_key_fact_is_right_and_its_citation_supports_it():
    scores = _scores(CRATES, RIGHT)
    names = ("accuracy", "quote validity", "citation precision", "citation recall")
    assert [scores[name].value for name in names] == [1.0, 1.0, 1.0, 1.0]


def test_an_answer_without_the_key_fact_is_wrong_and_says_what_is_missing():
    score = _scores(CRATES, OTHER)["accuracy"]
    assert score.value == 0.0
    assert "missing: 8000" in score.explanation
    assert _value("citation precision", CRATES, OTHER) == 0.0


def test_the_digits_of_a_citation_marker_are_no_key_fact():
    sample = replace(CRATES, must=(("1",),))
    assert _value("accuracy", sample, RIGHT) == 0.0


def test_a_forbidden_figure_makes_an_answer_wrong():
    sample = replace(CRATES, must_not=("2 ships",))
    answer = _cited(CRATES.question, TEXT)
    assert _value("accuracy", sample, answer) == 0.0
    assert _value("accuracy", CRATES, answer) == 1.0


def test_some_of_the_key_facts_are_enough_where_the_sample_says_so():
    both = replace(CRATES, must=(("8000",), ("2 ships",)))
    assert _value("accuracy", both, RIGHT) == 0.0
    assert _value("accuracy", replace(both, min_must=1), RIGHT) == 1.0


def test_a_quote_that_is_one_character_off_is_invalid():
    off = _cited(CRATES.question, "8,000 crates", shift=1)
    assert _value("quote validity", CRATES, off) == 0.0


def test_a_citation_of_a_document_without_the_answer_does_not_support_it():
    sample = replace(CRATES, documents=("elsewhere",))
    assert _value("citation precision", sample, RIGHT) == 0.0
    assert _value("citation recall", sample, RIGHT) == 0.0


def test_abstaining_is_right_for_the_unanswerable_and_wrong_for_the_answerable():
    assert _value("accuracy", WHALES, _declined(WHALES.question)) == 1.0
    assert _value("accuracy", WHALES, replace(RIGHT, question=WHALES.question)) == 0.0
    assert _value("accuracy", CRATES, _declined(CRATES.question)) == 0.0


def test_a_false_premise_may_be_set_right_or_declined_but_not_followed():
    assert _value("accuracy", PREMISE, RIGHT) == 1.0
    assert _value("accuracy", PREMISE, _declined(PREMISE.question)) == 1.0
    assert _value("accuracy", PREMISE, OTHER) == 0.0


def test_citations_of_an_abstention_are_left_out_of_the_averages():
    assert _value("citation precision", CRATES, _declined(CRATES.question)) is None


def test_search_is_judged_on_the_query_that_the_bot_made_of_a_follow_up():
    history = (Message("user", "Who counted crates?"), Message("assistant", "The office [1]."))
    sample = replace(SHIPS, history=history)
    answer = replace(OTHER, query="How many ships were in the harbour?")
    bot = _bot({sample.question: answer})
    (result,) = evaluate(bot, [sample])
    assert bot.histories == [history]
    assert set(bot.searches) == {"How many ships were in the harbour?"}
    assert result.scores["MRR"].value == 1.0
    assert _value("MRR", CRATES, RIGHT) == 0.5


def test_an_error_costs_its_own_sample_and_is_named():
    bot = _bot({CRATES.question: ChatModelTimeout("too slow"), SHIPS.question: OTHER})
    first, second = evaluate(bot, [CRATES, SHIPS])
    assert first.outcome.error == "ChatModelTimeout: too slow"
    assert first.scores["accuracy"].value == 0.0
    assert first.scores["recall@8"].value == 0.0
    assert second.correct


def test_an_error_is_no_abstention():
    report = summarise("c", evaluate(_bot({WHALES.question: ValueError("x")}), [WHALES]))
    assert report.figures["abstention recall"].value == 0.0


def test_a_scorer_that_fails_gives_nothing_and_names_the_error():
    def broken(outcome):
        raise ZeroDivisionError("by zero")

    (result,) = evaluate(_bot({CRATES.question: RIGHT}), [CRATES], scorers={"accuracy": broken})
    assert result.scores["accuracy"].value == 0.0
    assert result.scores["accuracy"].explanation == "ZeroDivisionError: by zero"


@pytest.fixture
def report():
    samples = [CRATES, SHIPS, WHALES, PREMISE]
    answers = {
        CRATES.question: RIGHT,
        SHIPS.question: _declined(SHIPS.question),
        WHALES.question: _declined(WHALES.question),
        PREMISE.question: RIGHT,
    }
    return summarise("briefs", evaluate(_bot(answers), samples))


def test_a_report_sums_up_by_kind_and_over_all(report):
    assert report.figures["accuracy"].value == 0.75
    assert report.figures["accuracy (answerable)"].value == 0.5
    assert report.by_kind["figure"].value == 0.5
    assert report.by_kind["unanswerable"].value == 1.0
    assert (report.mode, report.model) == ("extractive", "extractive")


def test_abstention_counts_what_was_declined_and_what_should_have_been(report):
    assert report.figures["abstention precision"].value == 0.5
    assert report.figures["abstention precision"].failing == ("figure-02",)
    assert report.figures["abstention recall"].value == 1.0


def test_the_table_shows_every_figure_and_kind(report):
    table = as_text(report)
    assert all(name in table for name in (*report.figures, *report.by_kind))


def test_failures_show_question_answer_and_reason(report):
    shown = failures(report)
    assert "figure-02: And ships?" in shown
    assert "abstained from an answerable question" in shown
    assert "Not in these articles." in shown
    assert "figure-01" not in shown


def test_a_figure_below_its_floor_is_named_with_its_failing_cases(report):
    (missed,) = shortfalls(report, {"accuracy": 0.8, "quote validity": 1.0})
    assert missed == Shortfall("briefs", "accuracy", 0.75, 0.8, ("figure-02",))
    assert str(missed) == ("briefs: accuracy is 0.750, needed 0.800; failing cases: figure-02")


def test_a_floor_without_cases_is_not_held():
    report = summarise("c", evaluate(_bot({WHALES.question: _declined("?")}), [WHALES]))
    (missed,) = shortfalls(report, {"quote validity": 1.0})
    assert "no cases" in str(missed)


def test_a_floor_for_an_unknown_metric_is_refused(report):
    with pytest.raises(InputError, match="charm"):
        shortfalls(report, {"charm": 0.5})


def test_the_floors_of_this_project_are_for_known_metrics_and_hold_the_essential_ones(report):
    floors = load_floors()
    assert set(floors) <= set(report.figures)
    held = {"accuracy", "abstention precision", "abstention recall", "recall@8"}
    assert held <= set(floors)
    assert floors["quote validity"] == 1.0


@pytest.mark.parametrize("text", ["", "[floors]\naccuracy = 2", '[floors]\naccuracy = "x"', "[["])
def test_a_wrong_thresholds_file_is_refused_by_name(tmp_path, text):
    path = tmp_path / "floors.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"floors\.toml"):
        load_floors(path)


def test_no_results_are_refused():
    with pytest.raises(RagError, match="no samples"):
        summarise("briefs", ())


def test_choose_keeps_one_split_and_one_kind():
    chosen = choose(load_samples(), split="dev", kind="typo")
    assert chosen
    assert {(s.split, s.kind) for s in chosen} == {("dev", "typo")}
