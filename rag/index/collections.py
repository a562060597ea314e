"""The collections that hold an index's generations on a Chroma server, and their vectors."""

from __future__ import annotations

import base64
import contextlib
import itertools
from collections.abc import Collection as Ids
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from rag.errors import REMEDY, IndexDamagedError, IndexServerError
from rag.index.engine import HNSW
from rag.index.generations import COLLECTION
from rag.index.server import Connection
from rag.store import Identity
from rag.types import Vectors

_BATCH = 1000  # vectors sent in a request, 2 MB; a server takes 5,461 at most
_PAGE = 5000  # ids read in a request
_LISTED = 200  # collections read in a request, 2 KB each

_SPACE = {name: HNSW[name] for name in ("space", "ef_construction", "ef_search", "max_neighbors")}


@dataclass(frozen=True, slots=True)
class Mark:
    """What a collection says of itself in its metadata.

    ``made_of`` names what the vectors depend on. An unfinished collection is not ``complete``;
    the other fields mean what they mean in the manifest of a folder's generation.
    """

    attest_index: str
    made_of: str
    revision: int
    count: int = 0
    stale: int = 0
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of ours on a server."""

    id: str
    name: str
    mark: Mark

    @property
    def number(self) -> int:
        """Which generation it is."""
        return int(self.name.rpartition("-")[2])


@contextlib.contextmanager
def _understood() -> Iterator[None]:
    """Raise ``IndexServerError`` where a reply has not the form that Chroma gives it."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise IndexServerError(
            "the Chroma server sent a reply of another form than expected "
            f"({type(error).__name__}); check that RAG_CHROMA_URL names a Chroma server"
        ) from error


def made_of(identity: Identity) -> str:
    """Name what vectors depend on."""
    return f"{identity.embedder} {identity.chunker} {identity.schema}"


class Collections:
    """The collections of one index; those of others, whatever their names, are never touched."""

    def __init__(self, connection: Connection, index_id: str) -> None:
        self._connection = connection
        self._index_id = index_id

    def all(self) -> tuple[list[Collection], int]:
        """Return the index's collections and the highest number that a name of theirs has."""
        with _understood():
            matches = [(found, COLLECTION.fullmatch(found["name"])) for found in self._listed()]
            named = [(found, int(m[2])) for found, m in matches if m and m[1] == self._index_id]
            ours = [collection for found, _ in named if (collection := self._ours(found))]
        return ours, max((number for _, number in named), default=0)

    def _listed(self) -> Iterator[Mapping[str, Any]]:
        """Yield every collection of the server, page by page."""
        offset = 0
        while page := self._connection.get(limit=_LISTED, offset=offset):
            yield from page
            offset += len(page)

    def named(self, name: str) -> Collection:
        """Return one; raise ``IndexDamagedError`` if it is gone or holds something else."""
        found = self._connection.get(f"/{name}")
        with _understood():
            if collection := self._ours(found):
                return collection
        raise IndexDamagedError(
            f"the collection {name} on the Chroma server is not of this index and is left alone; "
            f"{REMEDY}"
        )

    def create(self, name: str, mark: Mark) -> Collection:
        """Make an empty collection; a repeated request finds the one it made."""
        body = {"name": name, "metadata": asdict(mark), "configuration": {"hnsw": _SPACE}}
        made = self._connection.write("POST", "", {**body, "get_or_create": True})
        with _understood():
            collection = self._ours(made)
        if collection is None:
            raise IndexServerError(
                f"the Chroma server has a collection {name} of somebody else's; try again"
            )
        return collection

    def change(self, collection: Collection, name: str, mark: Mark) -> Collection:
        """Give a collection another name and mark."""
        body = {"new_name": name, "new_metadata": asdict(mark)}
        self._connection.write("PUT", f"/{collection.id}", body)
        return Collection(collection.id, name, mark)

    def delete(self, collection: Collection) -> None:
        """Delete a collection with all vectors in it, unless it is gone already."""
        try:
            self._connection.write("DELETE", f"/{collection.name}")
        except IndexDamagedError:
            return

    def _ours(self, found: Mapping[str, Any]) -> Collection | None:
        metadata = found.get("metadata") or {}
        if metadata.get("attest_index") != self._index_id:
            return None
        try:
            mark = Mark(**{f.name: metadata[f.name] for f in fields(Mark)})
        except KeyError:
            return None
        return Collection(str(found["id"]), str(found["name"]), mark)


class ServerEngine:
    """The vectors of one collection; the counterpart of ``Engine`` on a server."""

    def __init__(self, connection: Connection, collection: Collection) -> None:
        self._connection = connection
        self._path = f"/{collection.id}"

    def close(self) -> None:
        """Do nothing: the connection belongs to whoever made it."""

    def count(self) -> int:
        """How many vectors there are."""
        found = self._connection.get(f"{self._path}/count")
        with _understood():
            return int(found)

    def ids(self) -> Iterator[str]:
        """Yield all ids page by page."""
        offset = 0
        while page := self._page(offset):
            yield from page
            offset += len(page)

    def _page(self, offset: int) -> list[str]:
        body = {"limit": _PAGE, "offset": offset, "include": []}
        found = self._connection.ask(f"{self._path}/get", body)
        with _understood():
            return [str(name) for name in found["ids"]]

    def nearest(
        self, vector: Vectors, *, limit: int, documents: Ids[str] | None
    ) -> list[tuple[str, float]]:
        """Return the nearest vectors as (id, cosine similarity in [-1, 1]), best first."""
        where = {"document": {"$in": sorted(documents)}} if documents is not None else None
        body = {
            "query_embeddings": [vector.tolist()],
            "n_results": limit,
            "where": where,
            "include": ["distances"],
        }
        found = self._connection.ask(f"{self._path}/query", body)
        with _understood():
            pairs = zip(found["ids"][0], found["distances"][0], strict=True)
            return [(str(name), min(1.0, 1.0 - float(distance))) for name, distance in pairs]

    def delete(self, ids: Sequence[str]) -> None:
        """Delete vectors."""
        for first in range(0, len(ids), _BATCH):
            body = {"ids": list(ids[first : first + _BATCH])}
            self._connection.write("POST", f"{self._path}/delete", body)

    def add(self, rows: Iterable[tuple[str, str, bytes]], *, total: int) -> None:
        """Add vectors given as (id, document id, float32 bytes, little-endian)."""
        remaining = iter(rows)
        while batch := list(itertools.islice(remaining, _BATCH)):
            body = {
                "ids": [name for name, _, _ in batch],
                "embeddings": [base64.b64encode(vector).decode() for _, _, vector in batch],
                "metadatas": [{"document": document} for _, document, _ in batch],
            }
            self._connection.write("POST", f"{self._path}/upsert", body)
