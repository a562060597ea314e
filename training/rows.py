"""Read the public sets' files, and tell which of their groups are only measured on."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def rows_of(path: Path) -> Iterator[Mapping[str, Any]]:
    """Read a gzipped file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def is_held(group: str) -> bool:
    """Tell whether a group of a development split is only measured on: half of them are."""
    return zlib.crc32(group.encode()) % 2 == 0
