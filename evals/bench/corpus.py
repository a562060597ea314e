"""Texts to ingest: many documents of news-like sentences, none like another."""

from __future__ import annotations

import random
import re
from pathlib import Path

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_HEADING = re.compile(r"^#.*$", re.MULTILINE)
_SENTENCE_GAP = re.compile(r"(?<=[.!?])\s+")

_SENTENCES = 40  # a document of about 5 KB, as long as a news article
_PER_PARAGRAPH = 4


def write_corpus(seeds: Path, folder: Path, documents: int) -> int:
    """Write documents of shuffled seed sentences to ``folder``; return their characters in all.

    The order differs from document to document, so that no cache has seen a chunk before. It
    follows from the document's number: every run ingests the same texts.
    """
    sentences = sentences_of(seeds)
    folder.mkdir(parents=True)
    texts = [_text(sentences, number) for number in range(documents)]
    for number, text in enumerate(texts):
        (folder / f"bench-{number:04}.txt").write_text(text, encoding="utf-8")
    return sum(map(len, texts))


def sentences_of(seeds: Path) -> list[str]:
    """Return the sentences of the seeds, headings and front matter left out."""
    files = sorted(p for p in seeds.iterdir() if p.suffix in (".md", ".txt") and p.stem != "README")
    texts = (_FRONT_MATTER.sub("", p.read_text(encoding="utf-8")) for p in files)
    parts = (part.strip() for text in texts for part in _SENTENCE_GAP.split(_HEADING.sub("", text)))
    return [" ".join(part.split()) for part in parts if len(part) > 20]


def _text(sentences: list[str], number: int) -> str:
    chosen = random.Random(number).sample(sentences, min(_SENTENCES, len(sentences)))
    starts = range(0, len(chosen), _PER_PARAGRAPH)
    return "\n\n".join(" ".join(chosen[i : i + _PER_PARAGRAPH]) for i in starts) + "\n"
