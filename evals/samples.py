"""The gold questions: what is asked, and what a right answer holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, cast, get_args

from evals.matching import Alternatives
from rag.errors import InputError
from rag.types import Message

GOLD = Path(__file__).with_name("gold.jsonl")

Split = Literal["dev", "test"]
SampleKind = Literal[
    "fact",
    "figure",
    "who-said",
    "date",
    "list",
    "why-how",
    "comparison",
    "conflict",
    "paraphrase",
    "typo",
    "follow-up",
    "false-premise",
    "unanswerable",
]
KINDS: tuple[SampleKind, ...] = get_args(SampleKind)


@dataclass(frozen=True, slots=True)
class Sample:
    """One question with its target.

    ``must`` holds the key facts of a right answer, ``min_must`` how many of them are enough
    (``None``: all); ``must_not`` what a right answer never holds. ``evidence`` holds the key facts
    of a right citation or passage: the same as ``must`` where the file gives no other, empty where
    the answer stands in a document's metadata alone. ``documents`` are the ids of the documents
    that carry the answer. ``correction`` is for a false premise: what sets it right.
    """

    id: str
    kind: SampleKind
    question: str
    answerable: bool
    split: Split
    history: tuple[Message, ...] = ()
    must: tuple[Alternatives, ...] = ()
    min_must: int | None = None
    must_not: Alternatives = ()
    correction: Alternatives = ()
    evidence: tuple[Alternatives, ...] = ()
    documents: tuple[str, ...] = ()

    @property
    def needed(self) -> int:
        """How many key facts a right answer holds."""
        return len(self.must) if self.min_must is None else self.min_must

    @property
    def evidence_needed(self) -> int:
        """How many of the facts in ``evidence`` the citations or passages should hold."""
        return self.needed if self.evidence == self.must else len(self.evidence)


_FIELDS = {field.name for field in fields(Sample)}
_REQUIRED = ("id", "kind", "question", "answerable", "split")


def load_samples(path: Path = GOLD) -> tuple[Sample, ...]:
    """Read the samples of a ``.jsonl`` file; ``InputError`` names file, line and what is wrong."""
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    samples = tuple(_parse(line, f"{path.name}:{number}") for number, line in lines if line.strip())
    seen: set[str] = set()
    for sample in samples:
        if sample.id in seen:
            raise InputError(f"{path.name}: id {sample.id!r} stands twice, expected unique ids")
        seen.add(sample.id)
    return samples


def choose(
    samples: Sequence[Sample], *, split: str = "all", kind: str | None = None
) -> tuple[Sample, ...]:
    """Keep the samples of one split and one kind."""
    return tuple(s for s in samples if split in ("all", s.split) and kind in (None, s.kind))


def _parse(line: str, where: str) -> Sample:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise InputError(f"{where}: expected an object, found {type(row).__name__}")
    _check(row, where)
    must = _groups(row.get("must", []))
    return Sample(
        id=row["id"],
        kind=row["kind"],
        question=row["question"],
        answerable=row["answerable"],
        split=row["split"],
        history=_history(row.get("history", []), where),
        must=must,
        min_must=row.get("min_must"),
        must_not=tuple(row.get("must_not", [])),
        correction=tuple(row.get("correction", [])),
        evidence=_groups(row["evidence"]) if "evidence" in row else _evidence(row, must),
        documents=tuple(row.get("documents", [])),
    )


def _check(row: Mapping[str, Any], where: str) -> None:
    if missing := [name for name in _REQUIRED if name not in row]:
        raise InputError(f"{where}: expected the fields {', '.join(_REQUIRED)}, missing {missing}")
    if unknown := sorted(row.keys() - _FIELDS):
        raise InputError(f"{where}: unknown fields {unknown}, expected {sorted(_FIELDS)}")
    if row["kind"] not in KINDS:
        raise InputError(f"{where}: kind {row['kind']!r}, expected one of {', '.join(KINDS)}")
    if row["split"] not in get_args(Split):
        raise InputError(f"{where}: split {row['split']!r}, expected dev or test")
    if row["answerable"] and not row.get("must"):
        raise InputError(f"{where}: an answerable question needs `must`, found none")
    if row["kind"] == "false-premise" and not row.get("correction"):
        raise InputError(f"{where}: a false premise needs `correction`, found none")
    _check_patterns(row, where)


def _check_patterns(row: Mapping[str, Any], where: str) -> None:
    groups = [*row.get("must", []), *row.get("evidence", [])]
    flat = [*row.get("must_not", []), *row.get("correction", [])]
    for pattern in [*(alternative for group in groups for alternative in group), *flat]:
        try:
            re.compile(pattern)
        except re.error as error:
            raise InputError(f"{where}: {pattern!r} is no regular expression ({error})") from error


def _groups(groups: Sequence[Sequence[str]]) -> tuple[Alternatives, ...]:
    return tuple(tuple(group) for group in groups)


def _evidence(row: Mapping[str, Any], must: tuple[Alternatives, ...]) -> tuple[Alternatives, ...]:
    """Take what sets a false premise right as its evidence, else the key facts."""
    return (tuple(row["correction"]),) if row.get("correction") else must


def _history(turns: Sequence[Sequence[str]], where: str) -> tuple[Message, ...]:
    for turn in turns:
        if len(turn) != 2 or turn[0] not in ("user", "assistant"):
            raise InputError(f'{where}: expected history turns ["user"|"assistant", text]: {turn}')
    return tuple(Message(cast(Literal["user", "assistant"], role), text) for role, text in turns)
