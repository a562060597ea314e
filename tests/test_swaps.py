"""Every number, date and name swapped in a claim must be seen, whatever stands around it."""

import itertools
import random
import re
from pathlib import Path

import pytest

from rag.dates import dates
from rag.documents import read_documents
from rag.names import is_country, names
from rag.sentences import split_sentences
from rag.terms import terms
from rag.verification import verify

SEEDS = Path(__file__).parent.parent / "seeds"
MONTHS = (
    "January February March April May June July August September October November December"
).split()
COUNTS = "two three four five six seven eight nine ten eleven twelve".split()
NUMBER = re.compile(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w,]*\d|-?[A-Za-z])")
COUNTED = {"number": 170, "date": 100, "name": 230}


def passages():
    """Yield each sentence of the briefs with the one before it, which a citation often takes in."""
    for outcome in read_documents([SEEDS]):
        (document,) = outcome.documents
        before = ""
        for span in split_sentences(document.text, document.headings):
            sentence = document.text[span.start : span.end]
            yield sentence, f"{before} {sentence}".strip()
            before = sentence


def replaced(text, start, end, by):
    return text[:start] + by + text[end:]


def number_swaps(sentence, evidence, rng):
    dated = [(d.start, d.end) for d in dates(sentence)]
    for match in NUMBER.finditer(sentence):
        if any(start <= match.start() < end for start, end in dated):
            continue
        digits = match[0]
        for first in rng.sample([d for d in "23456789" if d != digits[0]], 6):
            if first + digits[1:] not in evidence:
                yield replaced(sentence, *match.span(), first + digits[1:])


def word_swaps(sentence, evidence, rng):
    for match in re.finditer(r"\b(?:" + "|".join(COUNTS) + r")\b", sentence):
        for other in rng.sample([c for c in COUNTS if c != match[0]], 3):
            if other not in evidence:
                yield replaced(sentence, *match.span(), other)


def date_swaps(sentence, evidence, rng):
    for match in re.finditer(r"\b(?:" + "|".join(MONTHS) + r")\b|\b(?:19|20)\d\d\b", sentence):
        if match[0] == "May" and not re.match(r" \d", sentence[match.end() :]):
            continue
        if match[0].isdigit():
            others = [str(int(match[0]) + years) for years in (-30, -9, -3, 2, 4)]
        else:
            others = rng.sample([m for m in MONTHS if m not in (match[0], "May")], 5)
        for other in others:
            if other not in evidence:
                yield replaced(sentence, *match.span(), other)


def name_swaps(sentence, evidence, rng, pool):
    for name in names(sentence):
        same_kind = [p for p in pool if is_country(p) == is_country(name)]
        others = [p.text for p in same_kind if not set(terms(p.text)) & set(terms(evidence))]
        if name.start and others:
            yield replaced(sentence, name.start, name.end, rng.choice(others))


def swaps():
    rng = random.Random(7)
    found = list(passages())
    pool = [n for sentence, _ in found for n in names(sentence) if n.start]
    made = {"number": [], "date": [], "name": []}
    for sentence, evidence in found:
        made["number"] += [(c, evidence) for c in number_swaps(sentence, evidence, rng)]
        made["number"] += [(c, evidence) for c in word_swaps(sentence, evidence, rng)]
        made["date"] += [(c, evidence) for c in date_swaps(sentence, evidence, rng)]
        made["name"] += [(c, evidence) for c in name_swaps(sentence, evidence, rng, pool)]
    return [
        (kind, claim, evidence)
        for kind, most in COUNTED.items()
        for claim, evidence in rng.sample(made[kind], most)
    ]


@pytest.fixture(scope="module")
def made():
    return swaps()


def test_there_are_as_many_swaps_as_promised(made):
    assert len(set(made)) == sum(COUNTED.values()) == 500


def test_every_swap_is_flagged(made):
    missed = [(k, c, e) for k, c, e in made if verify(c, e).verdict == "supported"]
    assert missed == []


def test_what_was_not_swapped_is_supported():
    found = list(itertools.islice(passages(), 200))
    assert all(verify(sentence, evidence).verdict == "supported" for sentence, evidence in found)
