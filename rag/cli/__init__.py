"""The command line: every command mirrors a function of the Python API.

Errors are one line on stderr and exit status 2. With ``--json``, stdout holds JSON and nothing
else.
"""

from rag.cli.commands import app
from rag.cli.running import run

__all__ = ["app", "run"]
