"""How sure a measured figure is: 95 % intervals for shares and means."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Interval = tuple[float, float]

_Z95 = 1.959963984540054


def wilson(successes: int, total: int, *, z: float = _Z95) -> Interval:
    """Return the score interval of a share (Wilson, JASA 1927); all of [0, 1] for no cases.

    It stays inside [0, 1] and has a width at 0 and 1 too, where the textbook interval has none.
    """
    if not total:
        return (0.0, 1.0)
    centre = (successes + z * z / 2) / (total + z * z)
    spread = z * math.sqrt(successes * (total - successes) / total + z * z / 4) / (total + z * z)
    return (max(0.0, centre - spread), min(1.0, centre + spread))


def bootstrap_mean(
    values: Sequence[float], *, resamples: int = 2000, confidence: float = 0.95, seed: int = 0
) -> Interval:
    """Return the percentile interval of a mean (Efron, Annals of Statistics 1979), seeded."""
    if not values:
        return (0.0, 1.0)
    sample = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(sample), size=(resamples, len(sample)))
    tail = (1 - confidence) / 2
    low, high = np.quantile(sample[drawn].mean(axis=1), [tail, 1 - tail])
    return (float(low), float(high))
