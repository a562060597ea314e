"""The mean of a model's weights on the way, which lies nearer the middle of what fits than each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


class Average:
    """Weights averaged over many steps of a fit (stochastic weight averaging, Izmailov 2018)."""

    def __init__(self, count: int = 0, mean: Mapping[str, Tensor] | None = None) -> None:
        self.count = count
        self._mean: dict[str, Tensor] = dict(mean or {})

    def add(self, state: Mapping[str, Tensor]) -> None:
        """Take the weights of one more step in; each counts the same."""
        self.count += 1
        for name, value in state.items():
            if self.count == 1:
                self._mean[name] = value * 1  # a copy
            else:
                self._mean[name] += (value - self._mean[name]) / self.count

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def state(self) -> Mapping[str, Tensor]:
        """The mean; raises ``ValueError`` before any weights were added."""
        if not self.count:
            raise ValueError("no weights were added")
        return self._mean
