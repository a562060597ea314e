"""Logistic regression with a small penalty, by Newton's method."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

_STEPS = 50


def fitted(rows: Floats, right: Truths, *, counts: Floats | None = None) -> Floats:
    """Fit to ``rows`` (examples, signs); return a weight for each sign and the constant.

    ``counts`` (examples,) says how often each example counts. Signs are scaled to a deviation of 1
    and penalised by their squares; so the constant is not. Raises ``ValueError`` where all are
    right or none is.
    """
    if right.all() or not right.any():
        raise ValueError("nothing to tell apart: every example has the same label")
    counts = np.ones(len(rows)) if counts is None else counts
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = np.column_stack([(rows - mean) / deviation, np.ones(len(rows))])
    penalty = np.append(np.ones(rows.shape[1]), 1e-6)
    weights = np.zeros(scaled.shape[1])
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (counts * (chances - right)) + penalty * weights
        spread = counts * chances * (1 - chances)
        bend = (scaled * spread[:, None]).T @ scaled + np.diag(penalty)
        weights -= np.linalg.solve(bend, slope)
    own: Floats = weights[:-1] / deviation
    return np.append(own, weights[-1] - own @ mean)


def rated(rows: Floats, weights: Floats) -> Floats:
    """Return the log odds of each row."""
    odds: Floats = rows @ weights[:-1] + weights[-1]
    return odds
