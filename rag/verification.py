"""Judge a claim against its evidence, by what can be compared exactly and by a model's reading.

Exact are two things: how much of the claim's wording the evidence covers, and which numbers, dates,
names, negations, hedges, opposites, roles and speakers differ. They stand in front: what differs
exactly is never talked away by a model. Where a model is given, it says whether the evidence
entails a claim in other words; without one such a claim is ``not_enough``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from rag.checks import Finding, Focus, check_dates, check_numbers
from rag.clauses import clauses
from rag.sentences import split_sentences
from rag.speakers import check_speaker
from rag.statement import MAX_CHARACTERS, Statement, focus, read_statement
from rag.types import Verdict, Verification, VerifyVerdict
from rag.wording import (
    check_modality,
    check_names,
    check_negation,
    check_opposites,
    check_roles,
    check_substitutions,
)

_CHECKS = (
    check_numbers,
    check_dates,
    check_names,
    check_substitutions,
    check_negation,
    check_modality,
    check_opposites,
    check_roles,
)

# A logistic score. The weights were fitted on one half (by group) of the development splits of
# WiCE, SummEdits, FM2 and FEVER-symmetric, each set counting the same, then rounded and scaled so
# that a copied sentence scores about 0.95. Speaker, role and modality are too rare there to fit:
# theirs are set by hand to the size of their neighbours.
_INTERCEPT = -2.0
_COVERAGE_WEIGHT = 3.0  # by all of the evidence
_CLOSEST_WEIGHT = 2.0  # by the closest sentences alone
_PENALTIES = {
    ("number", "conflict"): 5.0,
    ("number", "unstated"): 1.6,
    ("number", "weaker"): 0.5,
    ("date", "conflict"): 4.0,
    ("date", "unstated"): 0.5,
    ("name", "conflict"): 2.0,
    ("name", "unstated"): 2.4,
    ("negation", "conflict"): 3.6,
    ("modality", "weaker"): 0.5,
    ("opposite", "conflict"): 4.0,
    ("role", "conflict"): 4.0,
    ("speaker", "conflict"): 4.0,
    ("speaker", "unstated"): 1.5,
}
# What can turn words that stand in the evidence against their meaning there: "denied that …".
_MEANT_OTHERWISE = ("negation", "modality", "speaker")
_MOST_COUNTED = 2  # findings of one kind; a third tells little more

_SUPPORTED_COVERAGE = 0.6  # of the claim's content words, names and numbers counting twice
_COMPARABLE_COVERAGE = 0.5  # below it, a difference is between two topics, not a contradiction
_PARTLY_COVERAGE = 0.4

# What a model's reading weighs beside the exact score, in log odds, and from where it decides:
# chosen on the halves of the same splits that the model was not fitted on.
_EXACT_WEIGHT, _READ_WEIGHT = 0.4, 1.0
_READ_AS_SUPPORTED, _READ_AS_DOUBTFUL = 0.7, 0.1
_READ_AS_CONTRADICTED = 0.8
_LEAST_CHANCE = 1e-4
_MOST_CLAUSES = 8
_Judged = tuple[float, float, float]

_QUOTES = re.compile("[\"'“”‘’«»„`]")
_MARKER = re.compile(r"\s?\[\d{1,3}\]")


class Judge(Protocol):
    """Reads a claim together with sentences."""

    def judge(self, claim: str, sentences: Sequence[str]) -> tuple[float, float, float]:
        """Return how likely they support, contradict, or do not decide the claim; sums to 1."""
        ...


def verify(
    claim: str, evidence: str, *, speaker: str | None = None, judge: Judge | None = None
) -> Verification:
    """Compare a claim with evidence; ``speaker`` is who the evidence is known to quote.

    ``evidence`` may be several sentences, joined by line breaks. The score is in [0, 1], higher
    for better supported; it ranks claims and is no probability.
    """
    if not claim.strip() or not evidence.strip():
        return Verification("not_enough", 0.0, ("coverage: nothing to compare",))
    ours, theirs = read_statement(claim), read_statement(_with_speaker(evidence, speaker))
    near = focus(ours, theirs)
    findings = _findings(ours, theirs, near, tuple(check_speaker(claim, evidence, speaker)))
    close = frozenset(word.stem for word in theirs.words if word.sentence in near)
    covered, closest = coverage(ours, theirs.stems), coverage(ours, close)
    if is_verbatim(claim, evidence):
        covered = closest = 1.0
        findings = tuple(f for f in findings if f.kind in _MEANT_OTHERWISE)
        judge = None
    judged = _judged(judge, claim, _sentences(evidence)) if judge else None
    return Verification(
        _verdict(findings, covered, judged),
        _score(findings, covered, closest, judged),
        _reasons(findings, covered, judged),
    )


def claim_verdict(
    claim: str, evidence: str, *, speaker: str | None = None, judge: Judge | None = None
) -> tuple[Verdict, tuple[str, ...]]:
    """Grade a claim of an answer, and give the reasons where it is less than supported."""
    checked = verify(claim, evidence, speaker=speaker, judge=judge)
    if checked.verdict == "contradicted":
        return "contradicted", checked.reasons
    if checked.verdict == "supported":
        return ("verbatim" if is_verbatim(claim, evidence) else "supported"), ()
    covered = coverage(read_statement(claim), read_statement(evidence).stems)
    return ("partly" if covered >= _PARTLY_COVERAGE else "unsupported"), checked.reasons


def _judged(judge: Judge, claim: str, sentences: Sequence[str]) -> _Judged:
    """Read a claim whole and clause by clause; the log odds of support are the mean of both.

    Whether it is contradicted is told by the whole: a clause alone may mean something else.
    """
    whole = judge.judge(claim, sentences)
    parts = clauses(claim)
    if len(parts) < 2:
        return whole
    each = [_log_odds(judge.judge(part, sentences)[0]) for part in parts[:_MOST_CLAUSES]]
    supported = _chance((_log_odds(whole[0]) + sum(each) / len(each)) / 2)
    contradicted = min(whole[1], 1 - supported)
    return supported, contradicted, 1 - supported - contradicted


def _sentences(evidence: str) -> list[str]:
    text = evidence[:MAX_CHARACTERS]
    return [text[s.start : s.end] for s in split_sentences(text)]


def is_verbatim(claim: str, evidence: str) -> bool:
    """Tell whether the claim stands in the evidence; markers, quotes and spacing do not count."""
    wanted, text = _bare(claim).rstrip(" .!?,;:"), _bare(evidence)
    at = text.find(wanted)
    while wanted and at >= 0:
        edges = text[max(0, at - 1) : at], text[at + len(wanted) : at + len(wanted) + 1]
        if not any(edge.isalnum() for edge in edges):
            return True
        at = text.find(wanted, at + 1)
    return False


def _bare(text: str) -> str:
    return " ".join(_QUOTES.sub("", _MARKER.sub("", text[:MAX_CHARACTERS])).split())


def coverage(claim: Statement, stems: frozenset[str]) -> float:
    """Measure which share of the claim's content words occurs, names counting twice.

    Numbers are left out: 1.2 thousand is 1,200, which is for the exact checks to see.
    """
    weights = [(word.stem, 2.0 if word.is_name else 1.0) for word in claim.words]
    words = [pair for word, pair in zip(claim.words, weights, strict=True) if not word.is_number]
    total = sum(weight for _, weight in words)
    return sum(weight for found, weight in words if found in stems) / total if total else 0.0


def _with_speaker(evidence: str, speaker: str | None) -> str:
    """Let the evidence name its speaker, whom a quoted sentence leaves out."""
    return f"{evidence}\n{speaker} said so." if speaker else evidence


# An exchanged word is told once: a swapped speaker is also a swapped name.
_SAME_EXCHANGE = {"date": "number", "speaker": "name"}


def _findings(
    ours: Statement, theirs: Statement, near: Focus, spoken: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    found = list(spoken)
    for check in _CHECKS:
        told = {f.kind for f in found if f.severity == "conflict"}
        told |= {_SAME_EXCHANGE.get(kind, kind) for kind in told}
        for finding in check(ours, theirs, near):
            if check is not check_substitutions or finding.kind not in told:
                found.append(finding)
    return tuple(dict.fromkeys(found))


def _verdict(findings: Sequence[Finding], covered: float, judged: _Judged | None) -> VerifyVerdict:
    """Let exact differences decide first, then the model, then the wording."""
    if any(f.severity == "conflict" for f in findings):
        return "contradicted" if covered >= _COMPARABLE_COVERAGE else "not_enough"
    if judged and judged[1] >= _READ_AS_CONTRADICTED and covered >= _COMPARABLE_COVERAGE:
        return "contradicted"
    if findings or (judged and judged[0] < _READ_AS_DOUBTFUL):
        return "not_enough"
    entailed = judged is not None and judged[0] >= _READ_AS_SUPPORTED
    return "supported" if entailed or covered >= _SUPPORTED_COVERAGE else "not_enough"


def _score(
    findings: Sequence[Finding], covered: float, closest: float, judged: _Judged | None
) -> float:
    counts = Counter((f.kind, f.severity) for f in findings)
    penalty = sum(_PENALTIES[kind] * min(n, _MOST_COUNTED) for kind, n in counts.items())
    logit = _INTERCEPT + _COVERAGE_WEIGHT * covered + _CLOSEST_WEIGHT * closest - penalty
    if judged:
        logit = _EXACT_WEIGHT * logit + _READ_WEIGHT * _log_odds(judged[0])
    return _chance(logit)


def _chance(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _log_odds(chance: float) -> float:
    bounded = min(max(chance, _LEAST_CHANCE), 1 - _LEAST_CHANCE)
    return math.log(bounded / (1 - bounded))


def _reasons(
    findings: Sequence[Finding], covered: float, judged: _Judged | None
) -> tuple[str, ...]:
    """List what differs, conflicts first."""
    order = ("conflict", "weaker", "unstated")
    reasons = [f.reason for severity in order for f in findings if f.severity == severity]
    if judged and judged[1] >= _READ_AS_CONTRADICTED:
        reasons.append("reading: the evidence reads as saying otherwise")
    elif judged and judged[0] < _READ_AS_DOUBTFUL:
        reasons.append("reading: the evidence does not read as saying this")
    if covered < _SUPPORTED_COVERAGE and judged and judged[0] >= _READ_AS_SUPPORTED:
        reasons.append("reading: the evidence reads as saying this in other words")
    elif covered < _SUPPORTED_COVERAGE:
        reasons.append(f"coverage: the evidence has {covered:.0%} of the claim's words")
    return tuple(reasons)
