"""Turn examples and claims into batches of tensors."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.claims import Claim
from training.example import Example
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
    ``others`` are further texts beside which the same question is asked. ``together`` tells that
    all of the right ones are wanted, and not any.
    """

    ids: tuple[int, ...]
    first_pieces: int
    spans: tuple[tuple[int, int], ...]
    right: tuple[int, ...]
    is_claim: bool
    words: tuple[int, ...] = ()
    others: tuple[Encoded, ...] = ()
    together: bool = False

    @property
    def size(self) -> int:
        """How many pieces it takes, padded to its longest text."""
        return (1 + len(self.others)) * max(len(e.ids) for e in (self, *self.others))


def encode(item: Example | Claim, tokenizer: Tokenizer) -> Encoded | None:
    """Write ``[CLS] question [SEP] sentences [SEP]``; ``None`` when the answer does not fit."""
    if not isinstance(item, Example) or not item.others:
        return _encode(item, tokenizer)
    read = [(item.sentences, item.answers), *item.others]
    found = [_encode(Example(item.question, *passage), tokenizer) for passage in read]
    # The very words are not known of these, not even where nothing answers.
    texts = [replace(text, words=()) for text in found if text]
    answered = any(answers for _, answers in read)
    if not texts or answered != any(text.right != (-1,) for text in texts):
        return None
    return replace(texts[0], others=tuple(texts[1:]), together=item.together)


def _encode(item: Example | Claim, tokenizer: Tokenizer) -> Encoded | None:

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
            window = sorted(own[first : first + _SORTED], key=lambda e: e.size)
            found += _filled(window)
    rng.shuffle(found)
    return found


def _filled(sorted_items: Iterable[Encoded]) -> list[list[Encoded]]:
    found: list[list[Encoded]] = [[]]
    for item in sorted_items:
        if (len(found[-1]) + 1) * item.size > _BATCH_PIECES:
            found.append([])
        found[-1].append(item)
    return [batch for batch in found if batch]


def loss_of(model: CrossEncoder, batch: Sequence[Encoded], *, words: float) -> Tensor:
    """Return the loss of a batch; ``words`` weighs that of finding the very words that answer."""
    logits, right, found = _choices(model, batch, words=bool(words))
    together = torch.tensor([item.together for item in batch], device=logits.device)
    loss = torch.where(together, _missed_mean(logits, right), _missed(logits, right)).mean()
    if found is None or not words:
        return loss
    named = _marked([item.words for item in _texts(batch)], found.shape[1]).to(found.device)
    known = named.any(1)
    return loss + words * _missed(found[known], named[known]).mean() if known.any() else loss


def _missed(logits: Tensor, right: Tensor) -> Tensor:
    """Return, for each row, minus the log of the chance that one of the right ones is chosen."""
    chances = torch.log_softmax(logits, 1)
    return -torch.logsumexp(chances.masked_fill(~right, _BARRED), 1)


def _missed_mean(logits: Tensor, right: Tensor) -> Tensor:
    """Return, for each row, the mean of minus the log of the chance of each of the right ones."""
    chances = torch.log_softmax(logits, 1)
    return -chances.masked_fill(~right, 0).sum(1) / right.sum(1)


@torch.no_grad()
def log_chances(model: CrossEncoder, item: Encoded, *, words: bool) -> tuple[Tensor, Tensor]:
    """Return the log chances of one item's choices, and which are right.

    A question's last choice is none.
    """
    logits, right, _ = _choices(model, [item], words=words)
    return torch.log_softmax(logits, 1)[0], right[0]


def _texts(batch: Sequence[Encoded]) -> list[Encoded]:
    return [text for item in batch for text in (item, *item.others)]


def _choices(
    model: CrossEncoder, batch: Sequence[Encoded], *, words: bool
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return the logits of each item's choices, which are right, and those of each piece.

    Sentences are compared by how far they are above their own text's "none", which is 0 then: so
    are those of all texts that one question is asked beside.
    """
    texts = _texts(batch)
    logits, found = _run(model, texts, words=words)
    right = _marked([text.right for text in texts], logits.shape[1]).to(logits.device)
    if batch[0].is_claim:
        return logits, right, found
    above = logits[:, :-1] - logits[:, -1:]
    counts = [1 + len(item.others) for item in batch]
    scores = _padded([part.flatten() for part in above.split(counts)], _BARRED)
    chosen = _padded([part.flatten() for part in right[:, :-1].split(counts)], value=0)
    none = ~chosen.any(1, keepdim=True)
    scores = torch.cat([scores, scores.new_zeros(len(batch), 1)], 1)
    return scores, torch.cat([chosen, none], 1), found


def _marked(rows: Sequence[Sequence[int]], width: int) -> Tensor:
    """Mark the listed columns of each row: built where lists are cheap, to be moved as one."""
    marks = torch.zeros(len(rows), width, dtype=torch.bool)
    for row, columns in zip(marks, rows, strict=True):
        row[list(columns)] = True
    return marks


def _padded(rows: Sequence[Tensor], value: float) -> Tensor:
    return nn.utils.rnn.pad_sequence(list(rows), batch_first=True, padding_value=value)


def _run(
    model: CrossEncoder, batch: Sequence[Encoded], *, words: bool
) -> tuple[Tensor, Tensor | None]:
    """Run the model in bfloat16.

    Return logits (texts, choices), and of questions those of each piece (texts, pieces).
    """
    ids, segments, mask = (part.to(model.device) for part in _read(batch))
    with torch.autocast(model.device.type, torch.bfloat16):
        if batch[0].is_claim:
            return model.judging(ids, segments, mask), None
        real, inside = (part.to(model.device) for part in _sentences(batch, ids.shape[1]))
        logits, found = model.answering(ids, segments, mask, inside, words=words)
    readable = inside.any(1)
    readable[:, 0] = True
    return logits.masked_fill(~real, _BARRED), found.masked_fill(~readable, _BARRED)


def _sentences(batch: Sequence[Encoded], pieces: int) -> tuple[Tensor, Tensor]:
    """Tell which choices are real ones (texts, choices), and which pieces are which sentence's."""
    choices = max(len(item.spans) for item in batch) + 1
    real = torch.zeros(len(batch), choices, dtype=torch.bool)
    inside = torch.zeros(len(batch), choices - 1, pieces, dtype=torch.bool)
    for row, item in enumerate(batch):
        real[row, : len(item.spans)] = real[row, -1] = True
        for number, (start, end) in enumerate(item.spans):
            inside[row, number, start:end] = True
    return real, inside


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
