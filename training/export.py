"""Cut what fitting changed to low rank, so that it ships in a small file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

RANK = 48


def export(base: Mapping[str, np.ndarray], state: Mapping[str, np.ndarray], path: Path) -> None:
    """Write the differences of ``state`` to ``base``, the heads and their biases.

    Matrices are cut by singular value decomposition to rank 48 in float16, the rest is kept whole.
    """
    parts: dict[str, np.ndarray] = {}
    for name, value in state.items():
        if not name.startswith("tuned."):
            continue
        plain = name.removeprefix("tuned.").replace("/", ".")
        parts |= _difference(plain, value - base[plain])
    parts["head.weight"] = state["head.weight"].T.astype(np.float32)
    parts["head.bias"] = state["head.bias"].astype(np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **parts)


def _difference(name: str, change: np.ndarray) -> dict[str, np.ndarray]:
    if change.ndim == 1:
        return {f"{name}.delta": change.astype(np.float16)}
    left, sizes, right = np.linalg.svd(change, full_matrices=False)
    root = np.sqrt(sizes[:RANK])
    return {
        f"{name}.left": (left[:, :RANK] * root).astype(np.float16),
        f"{name}.right": (right[:RANK] * root[:, None]).astype(np.float16),
    }
