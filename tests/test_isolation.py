"""The fixtures of ``conftest.py`` hold what they promise."""

import os
import socket
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError

from rag.config import load_settings


def test_tests_cannot_reach_the_network():
    with (
        socket.socket() as connection,
        pytest.warns(UserWarning, match="tried to use"),
        pytest.raises(SocketConnectBlockedError),
    ):
        connection.connect(("192.0.2.1", 80))  # TEST-NET-1: leads nowhere (RFC 5737)


def test_tests_can_reach_their_own_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()[:2]).close()


def test_tests_see_no_settings_of_the_developer():
    assert not [name for name in os.environ if name.startswith(("RAG_", "OPENAI_"))]
    assert not Path(".env").exists()
    assert not load_settings().generative


def test_the_default_index_of_a_test_is_not_the_checkout_s(seeds):
    assert load_settings().index.resolve().parent != seeds.parent
