"""Who is measured, and with which commands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evals.bench.measure import Run, measure


@dataclass(frozen=True, slots=True)
class Contender:
    """A pipeline to measure: the module with its jobs, and the command of a cold answer.

    In ``ask``, ``{store}`` and ``{question}`` stand for what their names say.
    """

    name: str
    module: str
    ask: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)

    def run(self, job: str, store: Path, argument: Path) -> Run:
        """Run a job of the module in a process of its own."""
        return self._measure(("-m", self.module, job, str(store), str(argument)))

    def cold(self, store: Path, question: str) -> Run:
        """Answer one question from a standing start."""
        return self._measure(
            tuple(part.format(store=store, question=question) for part in self.ask)
        )

    def _measure(self, arguments: tuple[str, ...]) -> Run:
        return measure(arguments, environment={**environment(), **self.environment})


OURS = Contender(
    "Attest",
    "evals.bench.ours",
    ("-m", "rag", "ask", "{question}", "--index", "{store}", "--json"),
)


def peer(name: str, chunk_tokens: int) -> Contender:
    """Return the peer with chunks of a size."""
    return Contender(
        name,
        "evals.bench.peer",
        ("-m", "evals.bench.peer", "ask", "{store}", "{question}"),
        {"BENCH_PEER_CHUNK_TOKENS": str(chunk_tokens)},
    )


# LlamaIndex's default is 1,024 tokens, of which MiniLM reads the first 256; at 256 the peer embeds
# all of the text, as Attest does.
CONTENDERS = (OURS, peer("peer, defaults", 1024), peer("peer, 256-token chunks", 256))


def environment() -> dict[str, str]:
    """Keep the developer's own settings out, and everybody off the network."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("RAG_", "OPENAI_"))}
    return {**kept, "HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}
