"""Turns of a conversation as text that can be kept, and back.

An answer is kept with the documents it rests on. It comes back only while they are as they were:
what is shown was never taken out of an article since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from rag.archive import Entry
from rag.conversation import Turn, Turns
from rag.types import Answer, Citation, Claim, Document, Passage

Find = Callable[[str], Document | None]
"""Looks a document up by id; ``None`` when it is no longer there."""

HashOf = Callable[[str], str | None]
"""Gives a document's content hash; ``None`` when it is no longer there."""

FORGOTTEN = (
    "This answer was deleted: an article that it rests on has been changed or removed since. "
    "Ask again for a new one."
)
UNREADABLE = "This answer was kept by another version and cannot be shown; ask again."

_VERSION = 1
_GONE = ""  # in place of a content hash: no document has it


def settled(turn: Turn, before: Turns, find: Find) -> Turn:
    """Note what an answer rests on: what it cites and found, and earlier answers that shaped it."""
    answer = turn.answer
    if answer is None:
        return turn
    spans = {*_spans(answer)}
    rests = {d: _hash(find(d), [s for s in spans if s[0] == d]) for d, *_ in spans}
    read_otherwise = answer.query.casefold() != answer.question.casefold()
    if read_otherwise or answer.mode == "generative":
        rests = {**dict(pair for earlier in before for pair in earlier.rests_on), **rests}
    return replace(turn, rests_on=tuple(rests.items()))


def _spans(answer: Answer) -> list[tuple[str, int, int, str]]:
    cited = [(c.document, c.start, c.end, c.quote) for c in answer.citations]
    return [*cited, *((p.document, p.start, p.end, p.text) for p in answer.passages)]


def _hash(document: Document | None, spans: list[tuple[str, int, int, str]]) -> str:
    if document and all(document.text[start:end] == text for _, start, end, text in spans):
        return document.content_hash
    return _GONE


def entry_of(turn: Turn, hash_of: HashOf) -> Entry:
    """Write a turn down, without its answer where that no longer stands."""
    if not _stands(dict(turn.rests_on), hash_of):
        return Entry(turn.question, "", {})
    fields = {"problem": turn.problem, "stopped": turn.stopped}
    answer = turn.answer and _answer_fields(turn.answer)
    body = json.dumps({"version": _VERSION, **fields, "answer": answer})
    return Entry(turn.question, body, dict(turn.rests_on))


def _stands(rests_on: Mapping[str, str], hash_of: HashOf) -> bool:
    return all(hash_of(name) == content_hash for name, content_hash in rests_on.items())


def _answer_fields(answer: Answer) -> dict[str, Any]:
    # A refusal over chosen articles may name another one, which the answer does not rest on.
    notes = () if answer.abstained and answer.sources else answer.notes
    fields = asdict(replace(answer, timings_ms={}, notes=notes))
    for passage in fields["passages"]:
        del passage["text"]  # it stands in its document
    return fields


def turn_of(entry: Entry, find: Find, hash_of: HashOf) -> Turn:
    """Read a turn; one that never ended was stopped, and what no longer stands is not shown."""
    question = entry.question
    if not entry.body or not _stands(entry.rests_on, hash_of):
        return Turn(question, problem=FORGOTTEN)
    try:
        kept = json.loads(entry.body)
        if kept["version"] != _VERSION:
            return Turn(question, problem=UNREADABLE)
        answer = kept["answer"] and _answer(kept["answer"], find)
        turn = Turn(question, answer, kept["problem"], kept["stopped"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return Turn(question, problem=UNREADABLE)
    turn = replace(turn, rests_on=tuple(entry.rests_on.items()))
    return turn if turn.done else replace(turn, stopped=True)


def _answer(fields: dict[str, Any], find: Find) -> Answer:
    citations = tuple(Citation(**c) for c in fields.pop("citations"))
    claims = tuple(
        Claim(c["text"], c["verdict"], tuple(c["citations"]), tuple(c["reasons"]))
        for c in fields.pop("claims")
    )
    passages = tuple(_passage(p, find) for p in fields.pop("passages"))
    lists: dict[str, Any] = {name: tuple(fields.pop(name)) for name in ("notes", "sources")}
    return Answer(**fields, **lists, citations=citations, claims=claims, passages=passages)


def _passage(fields: dict[str, Any], find: Find) -> Passage:
    document = find(fields["document"])
    text = document.text[fields["start"] : fields["end"]] if document else ""
    return Passage(**fields, text=text)
