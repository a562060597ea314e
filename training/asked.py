"""Read the further questions of ``training/asked/`` over paragraphs of the public sets.

What those sets have least of: questions that share no word with the sentence that answers, and
questions that a careless reader would take to be answered. Only the questions are kept here; their
paragraphs are read from the sets, by the id of one of their rows.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rag.sentences import split_sentences
from training.example import Example
from training.rows import rows_of

_FOLDER = Path(__file__).with_name("asked")
_HELD = 10  # one paragraph of so many is only measured on


def read_asked(data: Path, *, held: bool, folder: Path = _FOLDER) -> Iterator[Example]:
    """Give each question with the sentences of its paragraph.

    ``data`` has the public sets; ``held`` picks the paragraphs that are only measured on instead
    of those fitted on. A paragraph that is cut into other sentences than when the questions were
    written raises a ``ValueError``: their answers are numbers of sentences.
    """
    for path in sorted(folder.glob("*.jsonl")):
        asked = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        wanted = {row["id"] for row in asked}
        rows = rows_of(data / "train" / "read" / f"{path.stem}.jsonl.gz")
        texts = {row["id"]: row["context"] for row in rows if row["id"] in wanted}
        for row in asked:
            if held == _is_held(row["id"]):
                yield _example(row, _sentences(texts[row["id"]], row, path))


def _is_held(paragraph: str) -> bool:
    return zlib.crc32(paragraph.encode()) % _HELD == 0


def _sentences(text: str, row: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    found = tuple(text[s.start : s.end] for s in split_sentences(text))
    if len(found) != row["sentences"]:
        raise ValueError(
            f"{path.name}: {row['id']} has {len(found)} sentences instead of {row['sentences']}; "
            "its questions name the sentences that answer, so write them anew or take them out"
        )
    return found


def _example(row: Mapping[str, Any], sentences: tuple[str, ...]) -> Example:
    words = tuple((number, start, end) for number, start, end in row.get("words", ()))
    return Example(row["question"], sentences, tuple(row["answers"]), words)
