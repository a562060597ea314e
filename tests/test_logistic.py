"""The fit of the few weights that judge what was read."""

import math

import numpy as np
import pytest

from training.logistic import fitted, rated


def drawn(weights, constant, size=20_000):
    """Draw rows of very different spread, each right by the chance that the weights give."""
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(size, len(weights))) * (1.0, 20.0) + (0.0, 50.0)
    chances = 1 / (1 + np.exp(-(rows @ np.array(weights) + constant)))
    return rows, rng.random(size) < chances


def test_it_finds_the_weights_that_examples_were_drawn_by():
    rows, right = drawn((1.5, -0.1), 4.0)
    assert fitted(rows, right) == pytest.approx([1.5, -0.1, 4.0], rel=0.06)


def test_an_example_that_counts_twice_counts_as_two():
    rows, right = drawn((1.5, -0.1), 4.0, size=200)
    counts = np.ones(200)
    counts[:100] = 2
    twice = fitted(np.vstack([rows, rows[:100]]), np.append(right, right[:100]))
    assert fitted(rows, right, counts=counts) == pytest.approx(twice, rel=0.02)


def test_ratings_are_log_odds_of_the_signs_and_the_constant():
    assert rated(np.array([[2.0, 1.0]]), np.array([0.5, -1.0, 3.0])) == pytest.approx([3.0])


def test_what_tells_everything_apart_gets_finite_weights_and_one_label_none():
    rows = np.arange(10.0)[:, None]
    weights = fitted(rows, rows[:, 0] > 4)
    assert all(map(math.isfinite, weights))
    assert weights[0] > 0
    with pytest.raises(ValueError, match="same label"):
        fitted(rows, np.ones(10, bool))
