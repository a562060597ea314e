"""A server that is found again while a question waits for it."""

import pytest

from rag.errors import IndexServerUnreachable
from rag.index.remote import ServerIndex
from rag.testing import HashEmbedder


class Gone:
    """A server that nobody reaches."""

    def connect(self):
        raise IndexServerUnreachable("nobody is there")


class Returning:
    """A store that is asked how much it holds just as another thread finds the server again."""

    def __init__(self):
        self.index = None

    def chunk_total(self):
        self.index._found()
        return 9


def test_a_server_found_again_by_another_thread_changes_no_error_under_way(tmp_path):
    (tmp_path / "CURRENT").write_text(f"attest-{'0' * 16}-1\n")
    store = Returning()
    store.index = ServerIndex(tmp_path, store, Gone(), compared_at_most=0)
    (vector,) = HashEmbedder().embed(["ferry"])
    with pytest.raises(IndexServerUnreachable, match="nobody is there"):
        store.index.search(vector, limit=1)
    assert store.index.note is None
