"""Lists that an article tells by its headings: "three reasons", and each reason a section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from rag.candidates import View, Views
from rag.choosing import Statement
from rag.running_on import counted


def with_sections(chosen: Sequence[Statement], views: Views) -> tuple[Statement, ...]:
    """Put the sections that a chosen sentence counts right behind it.

    Each is shown by its heading and first sentence, which are cited as one span.
    """
    found = [
        (statement, _sections(statement, views.of(statement.lead.candidate.document.id)))
        for statement in chosen
    ]
    headed = {_place(section) for _, sections in found for section in sections}
    return tuple(
        shown
        for statement, sections in found
        for shown in (statement, *sections)
        if shown is not statement or _place(statement) not in headed
    )


def _place(statement: Statement) -> tuple[str, int]:
    candidate = statement.lead.candidate
    return candidate.document.id, candidate.end


def _sections(statement: Statement, seen: View) -> list[Statement]:
    """Return the sections that a sentence counts, if it ends its own and so many follow."""
    candidate, document = statement.lead.candidate, seen.document
    count = counted(candidate.text)
    later = [h for h in document.headings if h.start >= candidate.end]
    if not count or not later or document.text[candidate.end : later[0].start].strip():
        return []
    level = later[0].level
    siblings = [h for h in takewhile(lambda h: h.level >= level, later) if h.level == level]
    listed = siblings[:count]
    bounds = [*(h.start for h in later), len(document.text)]
    found: list[Statement] = []
    for heading in listed:
        end = next(bound for bound in bounds if bound > heading.start)
        index = next(
            (i for i, s in enumerate(seen.sentences) if heading.end <= s.start < end), None
        )
        if index is not None:
            headed = replace(seen.candidate(index), start=heading.start)
            found.append(Statement(replace(statement.lead, candidate=headed)))
    return found if len(found) == count else []
