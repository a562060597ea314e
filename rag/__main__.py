"""``python -m rag`` and the console script ``rag``."""

import sys


def main() -> None:
    """Run the command line and exit with its status."""
    from rag.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
