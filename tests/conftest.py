"""What every test gets: no network, no settings from the environment, a folder of its own.

pytest-socket (see ``addopts`` in pyproject.toml) lets sockets reach this machine only.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from chroma_servers import ChromaProcess, chroma

from rag.index import ChromaServer, open_server

ROOT = Path(__file__).resolve().parent.parent

# Set before Hypothesis reads it: the tests run elsewhere, and its examples should outlast them.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".hypothesis"))


@pytest.fixture(scope="session", autouse=True)
def clean_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the developer's variables, ``.env`` and ``index/`` out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [n for n in os.environ if n.startswith(("RAG_", "OPENAI_"))]:
            patch.delenv(name)
        patch.chdir(tmp_path_factory.mktemp("cwd"))
        yield


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the articles that come with the project."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def seed_index(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """An index of the seeds with the embedded model, as a user gets it; do not write to it."""
    from rag.api import index_documents
    from rag.config import load_settings

    folder = tmp_path_factory.mktemp("seed-index")
    index_documents([seeds], settings=load_settings(index=folder))
    return folder


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaProcess]:
    """A real Chroma server for all tests; what stops or wipes one starts its own."""
    with chroma(tmp_path_factory.mktemp("chroma")) as process:
        yield process


@pytest.fixture(scope="session", params=["folder", "server"])
def server(request: pytest.FixtureRequest) -> ChromaServer | None:
    """Where the vectors are: each test that asks for it runs on both."""
    if request.param == "folder":
        return None
    return open_server(request.getfixturevalue("chroma_server").url)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """A running Chromium; modules that use it skip where there is none."""
    from visitors import launched

    with launched() as chromium:
        yield chromium
