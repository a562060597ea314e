"""Serve the app on a free port of this machine for the length of a test."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from rag.chatbot import Chatbot
from rag.config import Settings

# Calls that pandas 3 warns of, made by gradio 6.31 in the server's thread.
GRADIO_WARNINGS = (
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
)


def free_port() -> int:
    """Ask the system for a port: gradio's own search leaves sockets open."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(chatbot: Chatbot, **settings: Any) -> Iterator[str]:
    """Yield the address, without a slash at its end."""
    os.environ.setdefault("GRADIO_TEMP_DIR", tempfile.mkdtemp(prefix="attest-tests-"))
    import app

    async def start() -> Any:
        return app.serve(chatbot, Settings(**{"port": free_port(), **settings}), block=False)

    # Outside a running event loop gradio makes loops of its own and never closes them; playwright
    # keeps one running in the tests' thread.
    with ThreadPoolExecutor(1) as pool:
        blocks = pool.submit(lambda: asyncio.run(start())).result()
    try:
        yield blocks.local_url.rstrip("/")
    finally:
        blocks.close(verbose=False)
