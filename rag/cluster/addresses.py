"""Check, before anything is begun, that Ray can be used and that somebody is at the address."""

from __future__ import annotations

import re
import socket
from importlib import metadata

from rag.errors import ClusterError, ConfigError

STARTED_HERE = ("local", "auto")

_HOST_PORT = re.compile(r"\[?([\w.:-]+?)\]?:(\d{1,5})")
_PACKAGES = ("ray", "llama-index-ingestion-ray")
_INSTALL = 'pip install -e ".[ray]" in the checkout'
_CONNECT_SECONDS = 5.0


def check_address(address: str) -> None:
    """Raise ``ConfigError`` for what is no address, ``ClusterError`` where Ray cannot be used.

    ``local`` is a cluster of this machine alone, ``auto`` the one that runs on it or else that.
    Ray itself would ask an address where nobody is for two minutes.
    """
    match = _HOST_PORT.fullmatch(address)
    if address not in STARTED_HERE and not match:
        raise ConfigError(
            f"--ray {address!r}: expected local, auto or HOST:PORT of a cluster's head node"
        )
    _check_installed()
    if match:
        _check_reachable(address, match[1], int(match[2]))


def _check_installed() -> None:
    for package in _PACKAGES:
        try:
            metadata.version(package)
        except metadata.PackageNotFoundError as error:
            raise ClusterError(f"--ray needs the package {package}: {_INSTALL}") from error


def _check_reachable(address: str, host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=_CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"no Ray cluster at {address} ({error}); start one there with `ray start --head`, "
            "or use this machine alone with --ray local"
        ) from error
