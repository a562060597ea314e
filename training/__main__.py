"""``python -m training --data FOLDER``: fit, measure on held-out articles, write the weights."""

from __future__ import annotations

import argparse
import logging
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from evals.metrics import auroc
from rag.cross_encoder import WEIGHTS_FILE
from rag.minilm import open_tokenizer, read_weights
from training.data import Example, held_examples, read_examples
from training.export import export
from training.model import CrossEncoder

_CLS, _SEP = 101, 102
_MAX_PIECES, _QUESTION_PIECES, _SENTENCE_PIECES = 224, 48, 100  # as rag.cross_encoder reads
_BATCH = 16
_RATE, _HEAD_RATE = 1e-4, 1e-3
_WARM_UP_STEPS = 60
_SORTED_BATCHES = 40  # batches are cut from so many batches' worth of examples sorted by length

_LOG = logging.getLogger("training")


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example as the model reads it; ``answers`` index ``spans``."""

    ids: tuple[int, ...]
    question_pieces: int
    spans: tuple[tuple[int, int], ...]
    answers: tuple[int, ...]


def encode(example: Example, tokenizer: Tokenizer) -> Encoded | None:
    """Write ``[CLS] question [SEP] sentences [SEP]``; ``None`` when the answer does not fit."""

    def pieces(text: str, most: int) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids[:most])

    ids = [_CLS, *pieces(example.question, _QUESTION_PIECES), _SEP]
    first, spans = len(ids), []
    for sentence in example.sentences:
        more = pieces(sentence, _SENTENCE_PIECES)
        if len(ids) + len(more) >= _MAX_PIECES:
            break
        spans.append((len(ids), len(ids) + len(more)))
        ids += more
    answers = tuple(i for i in example.answers if i < len(spans))
    if not spans or bool(answers) != bool(example.answers):
        return None
    return Encoded((*ids, _SEP), first, tuple(spans), answers)


def batched(examples: Sequence[Encoded], rng: random.Random) -> Iterator[list[Encoded]]:
    """Yield batches of similar length in random order, epoch after epoch."""
    while True:
        shuffled = rng.sample(examples, len(examples))
        for first in range(0, len(shuffled), _BATCH * _SORTED_BATCHES):
            window = shuffled[first : first + _BATCH * _SORTED_BATCHES]
            window.sort(key=lambda e: len(e.ids))
            starts = list(range(0, len(window), _BATCH))
            rng.shuffle(starts)
            yield from (window[start : start + _BATCH] for start in starts)


def tensors(batch: Sequence[Encoded]) -> tuple[tuple[Tensor, ...], Tensor, Tensor]:
    """Return the model's inputs, the targets (texts, sentences + 1) and which logits are real."""
    texts, pieces = len(batch), max(len(e.ids) for e in batch)
    sentences = max(len(e.spans) for e in batch)
    ids = torch.zeros(texts, pieces, dtype=torch.long)
    segments, mask = torch.zeros_like(ids), torch.zeros(texts, pieces, dtype=torch.bool)
    pool, target = torch.zeros(texts, sentences, pieces), torch.zeros(texts, sentences + 1)
    real = torch.zeros(texts, sentences + 1, dtype=torch.bool)
    for row, example in enumerate(batch):
        length = len(example.ids)
        ids[row, :length] = torch.tensor(example.ids)
        segments[row, example.question_pieces : length] = 1
        mask[row, :length] = True
        for number, (start, end) in enumerate(example.spans):
            pool[row, number, start:end] = 1 / max(1, end - start)
        real[row, : len(example.spans)] = real[row, -1] = True
        target[row, list(example.answers) or [-1]] = 1
    return (ids, segments, mask, pool), target, real


def logits(model: CrossEncoder, inputs: tuple[Tensor, ...], real: Tensor) -> Tensor:
    """Run the model in bfloat16; logits that stand for nothing are very low."""
    with torch.autocast("cpu", torch.bfloat16):
        found: Tensor = model(*inputs)
    return found.masked_fill(~real, -1e4)


def fit(model: CrossEncoder, examples: Sequence[Encoded], *, minutes: float, seed: int) -> None:
    """Fit by a listwise softmax over sentences and none; the rate falls to 0 in the time given."""
    heads = [*model.sentence.parameters(), *model.none.parameters()]
    groups = [
        {"params": list(model.tuned.parameters()), "lr": _RATE},
        {"params": heads, "lr": _HEAD_RATE},
    ]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01)
    rates = [_RATE, _HEAD_RATE]
    began = time.monotonic()
    for step, batch in enumerate(batched(examples, random.Random(seed))):
        done = (time.monotonic() - began) / (minutes * 60)
        if done >= 1:
            return
        share = min(1.0, step / _WARM_UP_STEPS) * (1 - done)
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * share
        inputs, target, real = tensors(batch)
        chances = torch.log_softmax(logits(model, inputs, real), 1)
        loss = -torch.logsumexp(chances.masked_fill(target == 0, -1e4), 1).mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 100 == 0:
            _LOG.info("step %d, loss %.3f, %.0f %% of the time", step, loss.item(), done * 100)


@torch.no_grad()
def measure(model: CrossEncoder, examples: Sequence[Encoded]) -> tuple[float, float]:
    """Return the share of right best sentences and the AUROC of answerable against not."""
    right: list[bool] = []
    answerable: list[float] = []
    unanswerable: list[float] = []
    for example in examples:
        inputs, _, real = tensors([example])
        row = logits(model, inputs, real)[0]
        lead = float(row[:-1].max() - row[-1])
        (answerable if example.answers else unanswerable).append(lead)
        if example.answers:
            right.append(int(row[:-1].argmax()) in example.answers)
    return sum(right) / len(right), auroc(answerable, unanswerable)


def main() -> None:
    """Fit and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with train/read/*.jsonl.gz"
    )
    parser.add_argument("--out", type=Path, default=WEIGHTS_FILE)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.manual_seed(given.seed)
    tokenizer, base = open_tokenizer(), read_weights()
    chosen = read_examples(given.data, random.Random(given.seed))
    examples = [e for example in chosen if (e := encode(example, tokenizer))]
    held = [e for example in held_examples(given.data) if (e := encode(example, tokenizer))]
    model = CrossEncoder({name: value.copy() for name, value in base.items()})
    fit(model, examples, minutes=given.minutes, seed=given.seed)
    top1, area = measure(model, held)
    _LOG.info("held-out articles: top-1 %.3f, answerable AUROC %.3f", top1, area)
    export(base, {name: value.numpy() for name, value in model.state_dict().items()}, given.out)


if __name__ == "__main__":
    main()
