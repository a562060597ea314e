"""Run a command and measure it from outside.

This module and its callers stay light: on Linux a child's peak memory is never reported lower than
its parent's was when it was started.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import RagError

# getrusage counts kibibytes on Linux and bytes on macOS.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Run:
    """What a finished command took and printed."""

    seconds: float
    peak_megabytes: float
    output: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON object on the last line of the output."""
        report: dict[str, Any] = json.loads(self.output.splitlines()[-1])
        return report


def measure(arguments: Sequence[str], *, environment: Mapping[str, str]) -> Run:
    """Run this interpreter with ``arguments``; raise ``RagError`` if the command fails."""
    command = [sys.executable, *arguments]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        child = subprocess.Popen(command, stdout=out, stderr=err, env=dict(environment))
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode:
            last = err.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            raise RagError(f"{' '.join(arguments[:4])} failed: {' '.join(last) or 'no message'}")
        output = out.read().decode("utf-8")
    return Run(seconds, usage.ru_maxrss * _RSS_UNIT / 1e6, output)
