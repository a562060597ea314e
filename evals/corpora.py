"""Find the corpora to measure: the briefs, and the original articles where they are at hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import InputError

BRIEFS = ".md"
ORIGINALS = ".txt"


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of articles and what to call it."""

    name: str
    folder: Path


def find_corpora(folders: Iterable[Path], scratch: Path) -> tuple[Corpus, ...]:
    """Name the corpora in ``folders``: ``briefs`` (.md) and ``originals`` (.txt).

    A folder that holds both is two corpora: an index would take the originals for the briefs, so
    each is copied to a folder of its own under ``scratch``.
    """
    found = [corpus for folder in _unique(folders) for corpus in _split(folder, scratch)]
    names = [corpus.name for corpus in found]
    return tuple(
        Corpus(c.name if names.index(c.name) == i else f"{c.name}-{i + 1}", c.folder)
        for i, c in enumerate(found)
    )


def _unique(folders: Iterable[Path]) -> Sequence[Path]:
    return tuple(dict.fromkeys(folder.resolve() for folder in folders))


def _split(folder: Path, scratch: Path) -> Sequence[Corpus]:
    if not folder.is_dir():
        raise InputError(f"no folder {folder}; name the articles' folder with --seeds")
    files = [path for path in sorted(folder.iterdir()) if path.stem.upper() != "README"]
    briefs = [path for path in files if path.suffix == BRIEFS]
    originals = [path for path in files if path.suffix == ORIGINALS]
    if not briefs and not originals:
        raise InputError(f"no articles in {folder}: expected .md or .txt files")
    if briefs and originals:
        return [_copy("briefs", briefs, scratch), _copy("originals", originals, scratch)]
    return [Corpus("briefs" if briefs else "originals", folder)]


def _copy(name: str, files: Iterable[Path], scratch: Path) -> Corpus:
    target = scratch / name
    target.mkdir(parents=True)
    for path in files:
        shutil.copy(path, target)
    return Corpus(name, target)
