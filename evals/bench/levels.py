"""What reading costs and what it brings: answers without the cross-encoder, with it, and verified.

Each level runs in a process of its own: ``python -m evals.bench.levels INDEX LEVEL`` prints JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from evals.bench.contenders import environment
from evals.bench.measure import measure

if TYPE_CHECKING:
    from rag.chatbot import Chatbot
    from rag.types import Answer, Document, Message, Passage, Verification

OFF, READER, VERIFIED = LEVELS = ("off", "reader", "reader + verifier")
_ROWS = (
    ("accuracy", "gold questions answered rightly", "{:.0%}"),
    ("abstention recall", "of the unanswerable, declined", "{:.0%}"),
    ("citation precision", "citation precision", "{:.2f}"),
    ("supported", "claims that the verifier finds supported", "{:.0%}"),
    ("answer_ms", "warm answer, median (ms)", "{:.0f}"),
    ("megabytes", "peak memory (MB)", "{:.0f}"),
    ("build_seconds", "model built once (s)", "{:.1f}"),
    ("open_seconds", "model opened from the cache (s)", "{:.2f}"),
)

Figures = dict[str, float]
Verify = Callable[[str, str], "Verification"]


def compare(index: Path) -> Mapping[str, Figures]:
    """Measure each level over the gold questions."""
    found = {}
    for level in LEVELS:
        run = measure(("-m", __name__, str(index), level), environment=environment())
        found[level] = {**run.report, "megabytes": run.peak_megabytes}
    return found


def as_markdown(found: Mapping[str, Figures]) -> str:
    """Lay the figures out, a column for each level; what a level does not have stays empty."""
    lines = [f"| | {' | '.join(found)} |", f"| --- |{' ---: |' * len(found)}"]
    for key, label, form in _ROWS:
        cells = [form.format(f[key]) if key in f else "" for f in found.values()]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


class _Verified:
    """A chatbot whose claims are checked against what they quote, in the time of the answer."""

    def __init__(self, bot: Chatbot, verify: Verify) -> None:
        self._bot = bot
        self._verify = verify
        self.verdicts: list[bool] = []

    def ask(self, question: str, *, history: Sequence[Message] = ()) -> Answer:
        answer = self._bot.ask(question, history=history)
        quotes = {c.marker: c.quote for c in answer.citations}
        for claim in answer.claims:
            evidence = " ".join(quotes[marker] for marker in claim.citations)
            if evidence:
                self.verdicts.append(self._verify(claim.text, evidence).verdict == "supported")
        return answer

    def search(self, query: str, *, top_k: int | None = None) -> Sequence[Passage]:
        return self._bot.search(query, top_k=top_k)

    def document(self, document_id: str) -> Document:
        return self._bot.document(document_id)


def run(index: Path, level: str) -> Figures:
    """Ask all gold questions at one level."""
    from evals.harness import evaluate, summarise
    from evals.samples import load_samples
    from rag import load_settings, open_chatbot, open_verifier

    settings = load_settings(index=index, reader="off" if level == OFF else "on")
    times = {} if level == OFF else _opening_times()
    samples = load_samples()
    with open_chatbot(settings=settings) as bot:
        bot.ask(samples[0].question)
        verified = _Verified(bot, open_verifier(settings=settings)) if level == VERIFIED else None
        results = evaluate(verified or bot, samples)
    figures = summarise("", results).figures
    wanted = ("accuracy", "abstention recall", "citation precision")
    found = {name: value for name in wanted if (value := figures[name].value) is not None}
    found["answer_ms"] = median(r.outcome.seconds for r in results) * 1000
    if verified:
        found["supported"] = sum(verified.verdicts) / len(verified.verdicts)
    return found | times


def _opening_times() -> Figures:
    """Time the making of the merged and quantised model, and its opening once it is made."""
    from rag.cross_encoder import open_cross_encoder
    from rag.embedding import open_minilm

    open_minilm()  # loads what both run on

    with tempfile.TemporaryDirectory() as cache:
        times = [_timed(lambda: open_cross_encoder(cache_dir=Path(cache))) for _ in range(2)]
    return {"build_seconds": times[0], "open_seconds": times[1]}


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), sys.argv[2])))  # noqa: T201
