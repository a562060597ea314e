"""``python -m training --data FOLDER``: fit, measure on held-out groups, write the weights."""

from __future__ import annotations

import argparse
import logging
import math
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from evals.metrics import auroc
from rag.cross_encoder import WEIGHTS_FILE, merged
from rag.minilm import Weights, open_tokenizer, read_weights
from training.averaging import Average
from training.claims import Claim, held_claims, read_claims
from training.data import held_examples, read_examples
from training.encoding import Encoded, batches, encode, log_chances, loss_of
from training.example import Example
from training.export import export
from training.model import CrossEncoder
from training.passes import PASSES, Mix

_HEAD_FACTOR = 8  # the heads learn so much faster
_WARM_UP = 0.03  # of the steps
_REPORTED = 100  # steps
_KEPT_EVERY = 500  # steps
_AVERAGED_FROM, _AVERAGED_EVERY = 0.15, 20  # of the steps; steps

_LOG = logging.getLogger("training")

State = Mapping[str, Tensor]


def fit(model: CrossEncoder, steps: Sequence[Sequence[Encoded]], mix: Mix, kept: Path) -> None:
    """Fit by a softmax over the choices of each text.

    The rate falls linearly to 0, or stays where the weights of the way are averaged. How far it
    got is kept in a file every 500 steps, and gone on from where that is there.
    """
    heads = list(model.head.parameters())
    groups = [{"params": list(model.tuned.parameters())}, {"params": heads}]
    model.train()
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    first, average = 0, Average()
    if kept.exists():
        first, average = _restored(model, optimiser, kept, len(steps))
    began, seen = time.monotonic(), {True: 0.0, False: 0.0}
    for step, batch in enumerate(steps[first : mix.ended], start=first):
        done = step / len(steps)
        falling = 1.0 if mix.averaged else (1 - done) / (1 - _WARM_UP)
        share = min(done / _WARM_UP, falling)
        for group, factor in zip(optimiser.param_groups, (1, _HEAD_FACTOR), strict=True):
            group["lr"] = mix.rate * factor * share
        loss = loss_of(model, batch, words=mix.words)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        kind = batch[0].is_claim
        seen[kind] += (loss.item() - seen[kind]) * (0.02 if step > _REPORTED else 0.2)
        if step % _REPORTED == 0:
            left = (time.monotonic() - began) / (step - first + 1) * (len(steps) - step) / 60
            said = (step, len(steps), seen[False], seen[True], left)
            _LOG.info("step %d of %d, loss %.3f and %.3f, %.0f minutes left", *said)
        if mix.averaged and done >= _AVERAGED_FROM and step % _AVERAGED_EVERY == 0:
            average.add(model.state_dict())
        if step % _KEPT_EVERY == _KEPT_EVERY - 1:
            _keep(model, optimiser, (step + 1, len(steps)), average, kept)
    if mix.averaged:
        model.load_state_dict(average.state)


def _keep(
    model: CrossEncoder,
    optimiser: torch.optim.Optimizer,
    steps: tuple[int, int],
    average: Average,
    path: Path,
) -> None:
    """Write how far a pass got, as a whole or not at all; ``steps`` are those done, and all."""
    now = model.state_dict()
    mean = average.state if average else {}
    got = {"steps": steps, "model": now, "optimiser": optimiser.state_dict()}
    new = path.with_suffix(".new")
    torch.save({**got, "count": average.count, "mean": mean, "weights": mean or now}, new)
    new.replace(path)


def _restored(
    model: CrossEncoder, optimiser: torch.optim.Optimizer, path: Path, count: int
) -> tuple[int, Average]:
    """Go back to where a pass was; return the next step, and the mean of the weights so far.

    Raises ``ValueError`` when it was of other than ``count`` steps.
    """
    got = torch.load(path, map_location=model.device)
    done, planned = got["steps"]
    if planned != count:
        raise ValueError(f"{path} is of a pass of {planned} batches, not {count}: delete it")
    model.load_state_dict(got["model"])
    optimiser.load_state_dict(got["optimiser"])
    _LOG.info("going on from step %d", done)
    return done, Average(got["count"], got["mean"])


def measure_reading(
    model: CrossEncoder, items: Iterable[Encoded], *, words: bool
) -> tuple[float, float]:
    """Return the share of right best sentences and the AUROC of answerable against not.

    The latter is not a number where every question has an answer.
    """
    best: list[bool] = []
    leads: dict[bool, list[float]] = {True: [], False: []}
    for item in items:
        row, right = log_chances(model, item, words=words)
        answerable = not right[-1]
        leads[answerable].append(float(row[:-1].max() - row[-1]))
        if answerable:
            best.append(bool(right[row[:-1].argmax()]))
    area = auroc(leads[True], leads[False]) if leads[False] else math.nan
    return sum(best) / len(best), area


def measure_judging(model: CrossEncoder, items: Iterable[Encoded]) -> float:
    """Return the AUROC of supported against not."""
    chances: dict[bool, list[float]] = {True: [], False: []}
    for item in items:
        row, _ = log_chances(model, item, words=False)
        chances[item.right == (0,)].append(float(row[0]))
    return auroc(chances[True], chances[False])


def encoded(items: Iterable[Example | Claim], tokenizer: Tokenizer) -> list[Encoded]:
    """Encode what fits."""
    return [found for item in items if (found := encode(item, tokenizer))]


def report(model: CrossEncoder, data: Path, tokenizer: Tokenizer, *, words: bool) -> None:
    """Log what the model reaches on what was not fitted on."""
    model.eval()
    for name, examples in held_examples(data).items():
        top1, area = measure_reading(model, encoded(examples, tokenizer), words=words)
        _LOG.info("questions, %s: top-1 %.3f, answerable AUROC %.3f", name, top1, area)
    for name, claims in held_claims(data).items():
        area = measure_judging(model, encoded(claims, tokenizer))
        _LOG.info("claims, %s: supported AUROC %.3f", name, area)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and others")
    parser.add_argument("--out", type=Path, default=WEIGHTS_FILE)
    parser.add_argument("--passes", type=int, nargs="+", default=[*range(1, len(PASSES) + 1)])
    parser.add_argument("--start", type=Path, help="earlier weights to go on from, .pt or .npz")
    parser.add_argument("--resume", action="store_true", help="go on where an earlier run ended")
    parser.add_argument("--steps", type=int, help="end each pass of a trial after so many batches")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def main() -> None:
    """Fit, measure and write the weights."""
    given = arguments()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.manual_seed(given.seed)
    tokenizer, base = open_tokenizer(), read_weights()
    model = CrossEncoder({name: value.copy() for name, value in base.items()})
    model.to(given.device)
    if given.start:
        model.load_state_dict(_started(given.start, base))
    for number in given.passes:
        model.load_state_dict(_passed(model, number, given, tokenizer))
    report(model, given.data, tokenizer, words=bool(PASSES[given.passes[-1] - 1].words))
    export(base, {name: value.numpy() for name, value in _copied(model).items()}, given.out)


def _passed(
    model: CrossEncoder, number: int, given: argparse.Namespace, tokenizer: Tokenizer
) -> State:
    """Fit a pass, or take what is kept of it; return the weights that go on."""
    mix, began = PASSES[number - 1], _copied(model)
    done = given.out.with_name(f"pass-{number}.pt")
    part = done.with_suffix(".part.pt")
    if not given.resume:
        part.unlink(missing_ok=True)
    if not (given.resume and done.exists()):
        rng = random.Random(given.seed + number - 1)
        steps = _steps(given.data, mix, tokenizer, rng)[: given.steps or mix.batches]
        fit(model, steps, mix, part)
        going_on = _mean(began, _copied(model), mix.share / (1 - mix.fifth))
        if mix.fifth:
            going_on = _mean(going_on, _kept(done.with_name("pass-5.pt")), mix.fifth)
        torch.save(going_on, done)
        part.unlink(missing_ok=True)
    return _kept(done)


def _started(path: Path, base: Weights) -> State:
    """Read the weights to go on from: all of them, or the differences that ship."""
    if path.suffix != ".npz":
        return _kept(path)
    tuned = dict(np.load(path))
    model = CrossEncoder(merged(base, tuned))
    model.head.weight.data = torch.tensor(tuned["head.weight"].T)
    model.head.bias.data = torch.tensor(tuned["head.bias"])
    return model.state_dict()


def _kept(path: Path) -> State:
    """Read the weights of an earlier pass, ended or not, wherever they were fitted."""
    kept = torch.load(path, map_location="cpu")
    weights: State = kept.get("weights", kept)
    return weights


def _copied(model: CrossEncoder) -> State:
    return {name: value.to("cpu", copy=True) for name, value in model.state_dict().items()}


def _mean(one: State, other: State, share: float) -> State:
    """Average two fits, ``share`` of the other: better than either (Wortsman et al. 2022)."""
    return {name: (1 - share) * value + share * other[name] for name, value in one.items()}


def _steps(data: Path, mix: Mix, tokenizer: Tokenizer, rng: random.Random) -> list[list[Encoded]]:
    examples = encoded(read_examples(data, mix, rng), tokenizer)
    claims = encoded(read_claims(data, mix, rng), tokenizer)
    steps = batches([*examples, *claims], rng)
    _LOG.info("%d questions, %d claims, %d batches", len(examples), len(claims), len(steps))
    return steps


if __name__ == "__main__":
    main()
