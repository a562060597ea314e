"""Read sets of claims with their evidence: supported, contradicted or not decided by it.

Only sets whose licence allows shipping what is fitted on them are named here. Claims that say
something else are also made, by changing a name, a number, an opposite or a negation.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.entailment import VERDICTS, nearest
from rag.sentences import split_sentences
from training.edits import swapped
from training.passes import Mix
from training.rows import is_held, rows_of

# Set: how many of its claims are taken. Licences: CC BY-SA (FEVER, CAD, SNLI, Breaking NLI, MED,
# BoolQ), MIT (ConjNLI, negation), Apache-2.0 (CondaQA, SciTail, Q2), CC0 (ScoNe), CC BY (BEGIN),
# OANC and CC BY (MultiNLI), BSD-3 (DialFact).
SETS: Mapping[str, int] = {
    "fever_eraser": 17_000,
    "fever_dev": 900,
    "conjnli": 8_000,
    "cad_snli": 4_000,
    "snli_dev": 2_000,
    "mnli_dev": 6_000,
    "mnli_mm_noisy": 3_000,
    "condaqa": 4_000,
    "boolq_dev": 2_500,
    "breaking_nli": 2_000,
    "scone": 1_200,
    "med": 1_200,
    "negation_nli": 3_000,
    "begin": 1_700,
    "scitail_test": 2_000,
    "q2_wow": 600,
    "dialfact_small": 200,
}
# Development splits of which half the groups are fitted on.
HALVES = ("fm2", "wice_oracle", "fever_symmetric", "summedits_other")
MEASURED = (*HALVES, "summedits_news")
_MADE = 9_000
_COPIES = 2_500  # a sentence that stands in the evidence word for word; as many changed
_COPIED_SENTENCES = 4
_JOINED_SENTENCES = 3  # of each claim's evidence at most

_SUPPORTED, _CONTRADICTED, _NOT_ENOUGH = range(len(VERDICTS))
_NOT_SUPPORTED = (_CONTRADICTED, _NOT_ENOUGH)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim beside the sentences of its evidence; any of ``verdicts`` is right."""

    text: str
    sentences: tuple[str, ...]
    verdicts: tuple[int, ...]


def read_claims(folder: Path, mix: Mix, rng: random.Random) -> list[Claim]:
    """Read a mix's share of all sets below ``folder`` and add the made claims."""
    claims: list[Claim] = []
    for name, most in SETS.items():
        rows = list(rows_of(folder / "train" / "verify" / f"{name}.jsonl.gz"))
        rng.shuffle(rows)
        claims += [_claim(row) for row in rows[: int(most * mix.claims)]]
    for name in HALVES:
        claims += list(_half(folder, name, held=False)) * mix.claim_repeats
    supported = [c for c in claims if c.verdicts == (_SUPPORTED,)]
    claims += _changed(supported, int(_MADE * mix.claims), rng)
    claims += _copied(claims, int(_COPIES * mix.claims), rng)
    claims += _joined(claims, mix.joined_claims, rng)
    rng.shuffle(claims)
    return claims


def held_claims(folder: Path) -> dict[str, list[Claim]]:
    """Read, by set, the groups of the development splits that are not fitted on."""
    return {
        name: list(_half(folder, name, held=True) if name in HALVES else _all(folder, name))
        for name in MEASURED
    }


def _half(folder: Path, name: str, *, held: bool) -> Iterator[Claim]:
    rows = rows_of(folder / "verifier" / name / "dev.jsonl.gz")
    return (_measured(row) for row in rows if held == is_held(str(row["group"])))


def _all(folder: Path, name: str) -> Iterator[Claim]:
    return (_measured(row) for row in rows_of(folder / "verifier" / name / "dev.jsonl.gz"))


def _measured(row: Mapping[str, Any]) -> Claim:
    verdicts = (_SUPPORTED,) if row["label"] else _NOT_SUPPORTED
    return Claim(row["claim"], evidence(row), verdicts)


def _claim(row: Mapping[str, Any]) -> Claim:
    verdict = VERDICTS.index(row["label"])
    binary = row.get("binary_only") and verdict != _SUPPORTED
    return Claim(row["claim"], evidence(row), _NOT_SUPPORTED if binary else (verdict,))


def evidence(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sentences a model reads: the nearest to the claim where there are too many."""
    text = row["premise"]
    sentences = [text[s.start : s.end] for s in split_sentences(text)]
    chosen = nearest(row["claim"], sentences)
    title = row.get("title")
    return (f"{title}:", *chosen) if title else chosen


def _changed(supported: Sequence[Claim], most: int, rng: random.Random) -> list[Claim]:
    made = []
    for claim in rng.sample(supported, min(most, len(supported))):
        other = " ".join(claim.sentences) + " " + rng.choice(supported).text
        if text := swapped(claim.text, other, rng):
            made.append(replace(claim, text=text, verdicts=_NOT_SUPPORTED))
    return made


def _copied(claims: Sequence[Claim], most: int, rng: random.Random) -> Iterator[Claim]:
    long = [c for c in claims if len(c.sentences) > 1]
    for claim in rng.sample(long, min(most, len(long))):
        sentences = claim.sentences[-_COPIED_SENTENCES:]
        copied = rng.choice(sentences)
        yield Claim(copied, sentences, (_SUPPORTED,))
        if text := swapped(copied, " ".join(sentences), rng):
            yield Claim(text, sentences, _NOT_SUPPORTED)


def _joined(claims: Sequence[Claim], most: int, rng: random.Random) -> Iterator[Claim]:
    """Join two claims over the evidence of both: supported only where each of them is."""
    by_verdict = [
        [c for c in claims if len(c.sentences) <= _JOINED_SENTENCES and fits(c.verdicts)]
        for fits in (lambda found: found == (_SUPPORTED,), lambda found: _SUPPORTED not in found)
    ]
    for number in range(min(most, *map(len, by_verdict))):
        second = rng.choice(by_verdict[number % 2])
        one, other = rng.sample([rng.choice(by_verdict[0]), second], 2)
        text = f"{one.text.rstrip(' .?!')} and {other.text}"
        yield Claim(text, one.sentences + other.sentences, second.verdicts)
