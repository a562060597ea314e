"""Turn examples and claims into batches of tensors."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.claims import Claim
from training.data import Example
from training.model import CrossEncoder

_CLS, _SEP = 101, 102
_MAX_PIECES, _FIRST_PIECES, _SENTENCE_PIECES = 224, 64, 100  # as rag.cross_encoder reads
_BATCH_PIECES = 2800  # with padding
_SORTED = 640  # batches are cut from so many texts sorted by length
_TILE = 16  # rows of bfloat16 that a CPU's matrix unit holds: lengths are padded to full tiles
_BARRED = -1e4


@dataclass(frozen=True, slots=True)
class Encoded:
    """A question or a claim beside a text, as the model reads it.

    ``right`` numbers the right logits: of a question's sentences and none (-1), or of verdicts.
    ``words`` lists the pieces that answer, or piece 0 where nothing does; none where not known.
    """

    ids: tuple[int, ...]
    first_pieces: int
    spans: tuple[tuple[int, int], ...]
    right: tuple[int, ...]
    is_claim: bool
    words: tuple[int, ...] = ()


def encode(item: Example | Claim, tokenizer: Tokenizer) -> Encoded | None:
    """Write ``[CLS] question [SEP] sentences [SEP]``; ``None`` when the answer does not fit."""

    def pieces(text: str, most: int) -> tuple[list[int], list[tuple[int, int]]]:
        encoding = tokenizer.encode(text, add_special_tokens=False)
        return list(encoding.ids[:most]), encoding.offsets[:most]

    is_claim = isinstance(item, Claim)
    text = item.text if isinstance(item, Claim) else item.question
    ids = [_CLS, *pieces(text, _FIRST_PIECES)[0], _SEP]
    first, spans, places = len(ids), [], []
    for sentence in item.sentences:
        more, offsets = pieces(sentence, _SENTENCE_PIECES)
        if len(ids) + len(more) >= _MAX_PIECES:
            break
        spans.append((len(ids), len(ids) + len(more)))
        places.append(offsets)
        ids += more
    if not spans:
        return None
    if isinstance(item, Claim):
        return Encoded((*ids, _SEP), first, tuple(spans), item.verdicts, is_claim)
    answers = tuple(i for i in item.answers if i < len(spans))
    if bool(answers) != bool(item.answers):
        return None
    words = tuple(
        spans[number][0] + piece
        for number, start, end in item.words
        if number < len(spans)
        for piece, (low, high) in enumerate(places[number])
        if low < end and high > start
    )
    if not answers:
        words = (0,)
    return Encoded((*ids, _SEP), first, tuple(spans), answers or (-1,), is_claim, words)


def batches(items: Sequence[Encoded], rng: random.Random) -> list[list[Encoded]]:
    """Cut one pass over all items into batches of one kind and similar length, in random order."""
    found: list[list[Encoded]] = []
    for is_claim in (False, True):
        own = [item for item in items if item.is_claim == is_claim]
        rng.shuffle(own)
        for first in range(0, len(own), _SORTED):
            window = sorted(own[first : first + _SORTED], key=lambda e: len(e.ids))
            found += _filled(window)
    rng.shuffle(found)
    return found


def _filled(sorted_items: Iterable[Encoded]) -> list[list[Encoded]]:
    found: list[list[Encoded]] = [[]]
    for item in sorted_items:
        if (len(found[-1]) + 1) * len(item.ids) > _BATCH_PIECES:
            found.append([])
        found[-1].append(item)
    return [batch for batch in found if batch]


def loss_of(model: CrossEncoder, batch: Sequence[Encoded], *, words: float) -> Tensor:
    """Return the loss of a batch; ``words`` weighs that of finding the very words that answer."""
    logits, found = _run(model, batch, words=bool(words))
    right = torch.zeros_like(logits, dtype=torch.bool)
    for row, item in enumerate(batch):
        right[row, list(item.right)] = True
    loss = _missed(logits, right).mean()
    if found is None or not words:
        return loss
    named = torch.zeros_like(found, dtype=torch.bool)
    for row, item in enumerate(batch):
        named[row, list(item.words)] = True
    known = named.any(1)
    return loss + words * _missed(found[known], named[known]).mean() if known.any() else loss


def _missed(logits: Tensor, right: Tensor) -> Tensor:
    """Return, for each row, minus the log of the chance that one of the right ones is chosen."""
    chances = torch.log_softmax(logits, 1)
    return -torch.logsumexp(chances.masked_fill(~right, _BARRED), 1)


def log_chances(model: CrossEncoder, item: Encoded, *, words: bool) -> Tensor:
    """Return the log chances of one text's choices."""
    return torch.log_softmax(_run(model, [item], words=words)[0], 1)[0]


def _run(
    model: CrossEncoder, batch: Sequence[Encoded], *, words: bool
) -> tuple[Tensor, Tensor | None]:
    """Run the model in bfloat16.

    Return logits (texts, choices), and of questions those of each piece (texts, pieces).
    """
    ids, segments, mask = _read(batch)
    with torch.autocast(ids.device.type, torch.bfloat16):
        if batch[0].is_claim:
            return model.judging(ids, segments, mask), None
        choices = max(len(item.spans) for item in batch) + 1
        real = torch.zeros(len(batch), choices, dtype=torch.bool)
        inside = torch.zeros(len(batch), choices - 1, ids.shape[1], dtype=torch.bool)
        for row, item in enumerate(batch):
            real[row, : len(item.spans)] = real[row, -1] = True
            for number, (start, end) in enumerate(item.spans):
                inside[row, number, start:end] = True
        logits, found = model.answering(ids, segments, mask, inside, words=words)
    readable = inside.any(1)
    readable[:, 0] = True
    return logits.masked_fill(~real, _BARRED), found.masked_fill(~readable, _BARRED)


def _read(batch: Sequence[Encoded]) -> tuple[Tensor, Tensor, Tensor]:
    pieces = math.ceil(max(len(item.ids) for item in batch) / _TILE) * _TILE
    ids = torch.zeros(len(batch), pieces, dtype=torch.long)
    segments, mask = torch.zeros_like(ids), torch.zeros_like(ids, dtype=torch.bool)
    for row, item in enumerate(batch):
        length = len(item.ids)
        ids[row, :length] = torch.tensor(item.ids)
        segments[row, item.first_pieces : length] = 1
        mask[row, :length] = True
    return ids, segments, mask
