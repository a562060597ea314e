"""Generations as files: their names, the manifest that tells whether one is whole, the switch."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from rag.errors import (
    REMEDY,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexProblem,
)
from rag.failpoints import failpoint
from rag.index.engine import ADMINISTRATION, DATABASE, engine_version
from rag.store import (
    Store,
    digest_file,
    digest_rows,
    make_way,
    read_regular,
    read_seal,
    require_regular_logs,
    set_folder_aside,
    sync,
)

MANIFEST = "manifest.json"
CURRENT = "CURRENT"
_NAME = re.compile(r"vectors-(\d+)")
# Where CURRENT names this, the vectors are in a collection of a Chroma server (publishing.py).
COLLECTION = re.compile(r"attest-([0-9a-f]{16})-(\d+)")

# Without this file the engine never wrote its graph out: it makes the others up at each opening.
_GRAPH_WRITTEN = "index_metadata.pickle"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds; it is written last, so an unfinished one has none but a mark.

    ``files`` maps names to sizes and digests. ``stale`` counts vectors deleted since the generation
    was built afresh: their bytes are still in the files. ``fingerprint`` names the models of the
    store it was made from, ``store`` is the digest that one was sealed with, if it was.
    """

    engine: str
    revision: int = -1
    count: int = 0
    stale: int = 0
    files: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    store: str = ""


def manifest_of(store: Store) -> Manifest:
    """Describe a generation that is made from a store as it is now, but for what it holds."""
    seal = read_seal(store.path)
    return Manifest(
        engine_version(),
        store.revision,
        fingerprint=fingerprint(store),
        store=seal.digest if seal else "",
    )


def fingerprint(store: Store) -> str:
    """Name what made the vectors of a store."""
    identity = store.identity()
    return f"{identity.embedder} {identity.chunker}"


def read_pointer(folder: Path) -> str | None:
    """Return what ``CURRENT`` says, or None where there is no such file."""
    try:
        return read_regular(folder / CURRENT).decode().strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise IndexDamagedError(f"{folder / CURRENT} cannot be read; {REMEDY}") from error


def current_generation(folder: Path) -> str:
    """Name the live generation; raise ``IndexMissingError`` when there is none."""
    if (name := read_pointer(folder)) is None:
        raise IndexMissingError(
            f"the index in {folder} has no vectors; run `rag index --rebuild` to build them"
        )
    if COLLECTION.fullmatch(name):
        raise IndexMismatchError(
            f"the vectors of the index in {folder} are on a Chroma server; set RAG_CHROMA_URL to "
            "it, or run `rag index --rebuild` to keep them in the folder again"
        )
    if not _NAME.fullmatch(name):
        raise IndexDamagedError(f"{folder / CURRENT} names no generation; {REMEDY}")
    return name


def switch(folder: Path, name: str) -> None:
    """Make a generation the live one; a crash leaves either the old or the new."""
    staged = folder / f"{CURRENT}.new"
    make_way(staged)
    set_folder_aside(folder / CURRENT)
    staged.write_text(name + "\n", encoding="utf-8")
    failpoint("switch.staged")
    sync(staged)
    failpoint("switch.synced")
    staged.replace(folder / CURRENT)
    failpoint("switch.replaced")
    sync(folder)
    failpoint("switch.done")


def next_name(folder: Path) -> str:
    """Name a generation that has not been."""
    names = [p.name for p in folder.iterdir()]  # with what was set aside: some may have it open
    with contextlib.suppress(IndexDamagedError):
        names.append(read_pointer(folder) or "")
    numbers = [int(match[1]) for name in names if (match := _NAME.match(name))]
    return f"vectors-{max(numbers, default=0) + 1}"


def sweep(folder: Path, *, keep: Collection[str]) -> None:
    """Delete our generations but those to keep; folders of another make are left alone."""
    for path in spares(folder, *keep):
        discard(path)
    (folder / f"{CURRENT}.new").unlink(missing_ok=True)
    failpoint("sweep.done")


def spares(folder: Path, *names: str) -> list[Path]:
    """List our generations but those of the names."""
    found = (p for p in folder.iterdir() if _NAME.fullmatch(p.name) and p.name not in names)
    return [path for path in found if _is_ours(path)]


def discard(path: Path) -> None:
    """Delete a generation, its manifest last: what is left of one half deleted is known as ours."""
    failpoint("sweep.generation")
    for child in path.iterdir():
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child, ignore_errors=True)
        elif child.name != MANIFEST:
            child.unlink(missing_ok=True)
        failpoint("sweep.file")
    shutil.rmtree(path, ignore_errors=True)


def _is_ours(path: Path) -> bool:
    try:
        names = {child.name for child in path.iterdir()}
        # Its making or its deletion may have been cut short at any moment.
        return names <= {MANIFEST} or bool(read_manifest(path).engine)
    except IndexDamagedError:
        return (path / DATABASE).is_file()
    except OSError:
        return False


def begin(path: Path) -> None:
    """Make the folder of a new generation, marked as ours and unfinished."""
    path.mkdir()
    failpoint("generation.folder")
    _write_manifest(path, Manifest(engine_version()))
    failpoint("generation.begun")


def finish(path: Path, manifest: Manifest) -> None:
    """Describe a generation that is complete and closed, and bring all of it to the disk."""
    files = _digests(path)
    failpoint("generation.digested")
    _write_manifest(path, replace(manifest, files=files))
    failpoint("generation.manifest")
    for child in [*path.rglob("*"), path]:
        sync(child)
    failpoint("generation.synced")


def read_manifest(path: Path) -> Manifest:
    """Read what a generation should hold; raise ``IndexDamagedError`` when it does not say."""
    try:
        fields = json.loads(read_regular(path / MANIFEST))
        if fields.pop("checksum") != _checksum(fields):
            raise ValueError("its checksum is wrong")
        return Manifest(**fields)
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise IndexDamagedError(
            f"{path} has no readable manifest ({type(error).__name__}); {REMEDY}"
        ) from error


def verify(path: Path) -> Manifest:
    """Check a closed generation byte for byte before the engine sees it.

    The engine reads lengths and offsets from its files on trust: damage can end the process.
    """
    manifest = read_manifest(path)
    if manifest.engine != engine_version():
        raise IndexDamagedError(
            f"{path} was written by chromadb {manifest.engine}, this is {engine_version()}; "
            f"{REMEDY}"
        )
    if manifest.revision < 0:
        raise IndexDamagedError(f"{path} was never finished; {REMEDY}")
    try:
        found = _digests(path)
    except (OSError, IndexProblem) as error:
        reason = f"{path / DATABASE}" if isinstance(error, IndexProblem) else error.strerror
        raise IndexDamagedError(f"{path} cannot be read ({reason}); {REMEDY}") from error
    if found != manifest.files:
        names = sorted(n for n in found.keys() | manifest.files if _differs(n, found, manifest))
        raise IndexDamagedError(f"{path} is damaged ({', '.join(names)}); {REMEDY}")
    return manifest


def _differs(name: str, found: Mapping[str, str], manifest: Manifest) -> bool:
    return found.get(name) != manifest.files.get(name)


def _digests(path: Path) -> dict[str, str]:
    """Digest what of a generation does not change when it is opened and read."""
    found = {}
    if (path / DATABASE).is_file():
        require_regular_logs(path / DATABASE)
        found[DATABASE] = digest_rows(path / DATABASE, ignore=ADMINISTRATION)
    for graph in path.glob(f"*/{_GRAPH_WRITTEN}"):
        for part in graph.parent.iterdir():
            found[part.relative_to(path).as_posix()] = digest_file(part)
    return found


def _write_manifest(path: Path, manifest: Manifest) -> None:
    fields = asdict(manifest)
    content = json.dumps({**fields, "checksum": _checksum(fields)})
    (path / MANIFEST).write_text(content, encoding="utf-8")


def _checksum(fields: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()
