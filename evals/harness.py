"""Run samples through a chatbot and sum up the scores, whatever writes the answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from evals import metrics
from evals.samples import KINDS, Sample
from evals.scorers import DEPTH, POOL_DEPTH, SCORERS, Outcome, Score, Scorer
from evals.statistics import Interval, bootstrap_mean, wilson
from rag.errors import RagError
from rag.types import Answer, Document, Message, Passage


class Bot(Protocol):
    """What the harness needs of a chatbot."""

    def ask(self, question: str, *, history: Sequence[Message] = ()) -> Answer:
        """Answer a question."""
        ...

    def search(self, query: str, *, top_k: int | None = None) -> Sequence[Passage]:
        """Return passages, best first."""
        ...

    def document(self, document_id: str) -> Document:
        """Return a document."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """A sample's outcome and its scores by metric."""

    outcome: Outcome
    scores: Mapping[str, Score]

    @property
    def sample(self) -> Sample:
        """The sample that was judged."""
        return self.outcome.sample

    @property
    def correct(self) -> bool:
        """Whether the answer was right."""
        return self.scores["accuracy"].value == 1.0

    @property
    def abstained(self) -> bool:
        """Whether the bot declined to answer; an error is no abstention."""
        return bool(self.outcome.answer and self.outcome.answer.abstained)


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's value over ``cases`` cases and its 95 % interval; ``None`` where there is none.

    ``failing`` holds the ids of the samples that kept it below 1.
    """

    value: float | None
    interval: Interval | None
    cases: int
    failing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured on one corpus."""

    corpus: str
    mode: str
    model: str
    results: tuple[Result, ...]
    figures: Mapping[str, Figure]
    by_kind: Mapping[str, Figure]
    latency: metrics.Latency


def evaluate(
    bot: Bot,
    samples: Sequence[Sample],
    *,
    scorers: Mapping[str, Scorer] = SCORERS,
    progress: Callable[[Result], None] = lambda result: None,
) -> tuple[Result, ...]:
    """Ask every sample and score what comes back; an error costs its own sample only."""
    results = []
    for sample in samples:
        outcome = _outcome(bot, sample)
        results.append(Result(outcome, {n: _score(s, outcome) for n, s in scorers.items()}))
        progress(results[-1])
    return tuple(results)


def summarise(corpus: str, results: Sequence[Result]) -> Report:
    """Turn scores into figures; raise ``RagError`` when there are no results."""
    if not results:
        raise RagError("no samples were chosen; check --split and --kind")
    answers = [r.outcome.answer for r in results if r.outcome.answer]
    answerable = [r for r in results if r.sample.answerable]
    return Report(
        corpus=corpus,
        mode=", ".join(sorted({a.mode for a in answers})) or "none",
        model=", ".join(sorted({a.model for a in answers})) or "none",
        results=tuple(results),
        figures={
            "accuracy": _accuracy(results),
            "accuracy (answerable)": _accuracy(answerable),
            **_abstention(results),
            "quote validity": _quote_validity(results),
            **{name: _mean(name, results) for name in SCORERS if name not in _NOT_MEANS},
        },
        by_kind={
            kind: _accuracy([r for r in results if r.sample.kind == kind])
            for kind in KINDS
            if any(r.sample.kind == kind for r in results)
        },
        latency=metrics.latency([r.outcome.seconds for r in results]),
    )


_NOT_MEANS = ("accuracy", "quote validity")


def _outcome(bot: Bot, sample: Sample) -> Outcome:
    started = time.perf_counter()
    try:
        answer = bot.ask(sample.question, history=sample.history)
        seconds = time.perf_counter() - started
        query = answer.query or sample.question
        documents = {c.document: bot.document(c.document) for c in answer.citations}
        passages, pool = (bot.search(query, top_k=k) for k in (DEPTH, POOL_DEPTH))
        return Outcome(sample, answer, passages, pool, documents, seconds)
    except Exception as error:  # noqa: BLE001 - whatever breaks a sample is that sample's result
        seconds = time.perf_counter() - started
        return Outcome(sample, None, seconds=seconds, error=f"{type(error).__name__}: {error}")


def _score(scorer: Scorer, outcome: Outcome) -> Score:
    """Score an outcome; an error, be it the bot's or the scorer's, counts as 0 where it matters."""
    try:
        score = scorer(outcome)
    except Exception as error:  # noqa: BLE001 - whatever breaks a sample is that sample's result
        return Score(0.0, "", f"{type(error).__name__}: {error}")
    if outcome.error and score.value is not None:
        return Score(0.0, "", outcome.error)
    return score


def _accuracy(results: Sequence[Result]) -> Figure:
    wrong = tuple(r.sample.id for r in results if not r.correct)
    return _share(len(results) - len(wrong), len(results), wrong)


def _abstention(results: Sequence[Result]) -> dict[str, Figure]:
    """Judge the abstentions; to a false premise both abstaining and setting right are answers."""
    judged = [r for r in results if r.sample.kind != "false-premise"]
    abstained = [r.abstained for r in judged]
    unanswerable = [not r.sample.answerable for r in judged]
    found = metrics.abstention(abstained, unanswerable)
    too_often = tuple(r.sample.id for r in judged if r.abstained and r.sample.answerable)
    too_rarely = tuple(r.sample.id for r in judged if not (r.abstained or r.sample.answerable))
    return {
        "abstention precision": _share(found.right, found.decided, too_often),
        "abstention recall": _share(found.right, found.wanted, too_rarely),
        "abstention F1": Figure(found.f1 if found.wanted else None, None, found.wanted),
    }


def _quote_validity(results: Sequence[Result]) -> Figure:
    """Over all citations of all answers, each counting the same."""
    name, total, valid = "quote validity", 0, 0
    for result in results:
        citations = result.outcome.answer.citations if result.outcome.answer else ()
        total += len(citations)
        valid += round((result.scores[name].value or 0) * len(citations))
    return _share(valid, total, _imperfect(name, results))


def _mean(name: str, results: Sequence[Result]) -> Figure:
    values = [value for r in results if (value := r.scores[name].value) is not None]
    if not values:
        return Figure(None, None, 0)
    mean = sum(values) / len(values)
    return Figure(mean, bootstrap_mean(values), len(values), _imperfect(name, results))


def _imperfect(name: str, results: Sequence[Result]) -> tuple[str, ...]:
    values = ((r.sample.id, r.scores[name].value) for r in results)
    return tuple(sample_id for sample_id, value in values if value is not None and value < 1)


def _share(right: int, total: int, failing: tuple[str, ...]) -> Figure:
    if not total:
        return Figure(None, None, 0)
    return Figure(right / total, wilson(right, total), total, failing)
