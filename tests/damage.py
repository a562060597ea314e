"""Ways to damage an index folder, and a server that meets each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.api import open_chatbot
from rag.chatbot import Chatbot
from rag.chunking import split_document
from rag.config import load_settings
from rag.errors import RagError
from rag.ingestion import ingest
from rag.minilm import count_pieces
from rag.testing import HashEmbedder
from rag.types import Document, ReadOutcome

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 60  # until an opening counts as hung
TOKENS = 32
QUESTION = "When does the ferry to Skarholm sail?"

Harm = Callable[[Path], None]


def truncate(share: float) -> Harm:
    """Cut a file down to a share of its size."""
    return lambda path: os.truncate(path, int(path.stat().st_size * share))


def shorten(path: Path) -> None:
    """Cut the last byte off."""
    os.truncate(path, path.stat().st_size - 1)


def flip(place: float) -> Harm:
    """Turn one bit over, at a share of the size."""
    return lambda path: _write(path, place, 1, lambda byte: byte ^ 0x10)


def zero(place: float, size: int = 4096) -> Harm:
    """Write zeros over a block, at a share of the size."""
    return lambda path: _write(path, place, size, lambda byte: 0)


def garble(path: Path) -> None:
    """Turn bits over all along the file."""
    content = bytearray(path.read_bytes())
    for place in range(0, len(content), max(1, len(content) // 200)):
        content[place] ^= 0xFF
    path.write_bytes(content)


def _write(path: Path, place: float, size: int, change: Callable[[int], int]) -> None:
    content = bytearray(path.read_bytes())
    first = min(int(len(content) * place), len(content) - 1)
    last = min(first + size, len(content))
    content[first:last] = bytes(map(change, content[first:last]))
    path.write_bytes(content)


def delete(path: Path) -> None:
    """Delete a file or a folder."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def become_folder(path: Path) -> None:
    """Put a folder with a file in it in a file's place."""
    path.unlink(missing_ok=True)
    path.mkdir()
    (path / "file").write_text("something")


def become_pipe(path: Path) -> None:
    """Put a named pipe in a file's place."""
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def become_link_to(target: str) -> Harm:
    """Put a symbolic link in a file's place."""

    def harm(path: Path) -> None:
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    return harm


def write(content: bytes) -> Harm:
    """Write something into a file that may be there or not."""

    def harm(path: Path) -> None:
        path.write_bytes(content)

    return harm


def forbid(path: Path) -> None:
    """Take away every permission."""
    path.chmod(0)


# ---------------------------------------------------------------------- meeting it


class Witness:
    """A process that forks a child for each index to open and ask, and outlives them all."""

    def __init__(self, *, as_nobody: bool = False) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, *(["nobody"] if as_nobody else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        )

    def ask(self, folder: Path, *, repair: bool = False) -> dict[str, object]:
        """Return what came of opening and asking an index, once it was rebuilt if ``repair``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"folder": str(folder), "repair": repair}) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def serve() -> None:
    """Answer requests on stdin, each in a child; say how that ended."""
    import chromadb  # noqa: F401 - once for all children

    count_pieces("once for all children")
    split_document(documents()[0], chunk_tokens=TOKENS)
    for line in sys.stdin:
        request = json.loads(line)
        reply = Path(request["folder"]).with_suffix(".reply")
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                reply.write_text(json.dumps(_met(**request)))
            os._exit(0)
        status = _ended(child)
        said = json.loads(reply.read_text()) if reply.exists() else {}
        reply.unlink(missing_ok=True)
        sys.stdout.write(json.dumps({"died": status, **said}) + "\n")
        sys.stdout.flush()


def _ended(child: int) -> str | None:
    """Wait for a child: None, or what it died of."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return (
                signal.Signals(-code).name if (code := os.waitstatus_to_exitcode(status)) else None
            )
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hung"


class _Lines(logging.Handler):
    """Keeps what is logged for a user to see."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def documents(*, other: bool = False) -> list[Document]:
    """Invent what an index is made of; another index has other words under the same ids."""
    where, hour = ("Tarnvik", "dusk") if other else ("Skarholm", "noon")
    ferry = f"The ferry to {where} sails at {hour}. It carries forty cars. The crossing is short."
    long = " ".join(f"Item {n} of the list for {where} speaks of matter {n}." for n in range(150))
    return [Document("ferry", ferry, title="Timetable"), Document("long", long)]


def taken(folder: Path, embedder: HashEmbedder, *some: Document, rebuild: bool = False) -> None:
    """Ingest documents."""
    outcomes = [ReadOutcome(f"{document.id}.txt", (document,)) for document in some]
    ingest(folder, outcomes, embedder=embedder, chunk_tokens=TOKENS, rebuild=rebuild)


def _met(folder: str, *, repair: bool) -> dict[str, object]:
    if os.getuid() == 0 and "nobody" in sys.argv:
        os.setuid(65534)
    lines, embedder = _Lines(), HashEmbedder()
    logging.getLogger("rag").addHandler(lines)
    try:
        if repair:
            taken(Path(folder), embedder, *documents(), rebuild=True)
        with _bot(Path(folder), embedder) as bot:
            embedded = embedder.embedded
            return {"answer": _shown(bot), "embedded": embedded, "lines": lines.lines}
    except RagError as error:
        name = type(error).__name__
        return {"told": str(error), "error": name, "lines": lines.lines}


@contextlib.contextmanager
def _bot(folder: Path, embedder: HashEmbedder) -> Iterator[Chatbot]:
    options = {"index": folder, "reader": "off", "abstain_below": 0.0, "chunk_tokens": TOKENS}
    with open_chatbot(settings=load_settings(**options), embedder=embedder) as bot:
        yield bot


def _shown(bot: Chatbot) -> object:
    """Return what of an answer does not hang on the order of passages that are equally near."""
    answer = bot.ask(QUESTION)
    quotes = [[c.document, c.start, c.end, c.quote] for c in answer.citations]
    best = answer.passages[0]
    return [answer.text, quotes, [best.document, best.start, best.end, best.text]]


if __name__ == "__main__":
    serve()
