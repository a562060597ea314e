"""What the documents tab says of a change that failed, before or after it was committed."""

from html import unescape
from types import SimpleNamespace

import pytest

from rag.documents_tab import Catalogue
from rag.errors import IndexProblem
from rag.types import Document


class Failing:
    """A chatbot whose changes fail, once ``commits`` of them are made."""

    def __init__(self, *, commits):
        self.revision = 1
        self._commits = commits

    def documents(self):
        return [Document("ferry", "The ferry sails at noon.")]

    def chunk_counts(self):
        return {}

    def add(self, paths, *, read):
        self.revision += self._commits
        raise IndexProblem("the disk is full")

    def remove(self, name):
        self.add([], read=None)


# Outside a running page a list renewed for the filter counts as one of its own.
@pytest.mark.filterwarnings("ignore:The value passed into gr.Dropdown")
@pytest.mark.parametrize(
    ("commits", "added", "removed"),
    [(0, "Nothing was added", "Nothing was removed"), (1, "Not finished", "Not finished")],
)
def test_a_change_that_fails_after_it_was_committed_is_not_called_nothing(commits, added, removed):
    catalogue = Catalogue(Failing(commits=commits), changeable=True)
    event = SimpleNamespace(document="ferry")
    assert f"{added}: the disk is full" in unescape(catalogue.add([], [], lambda *_, **__: None)[0])
    assert f"{removed}: the disk is full" in unescape(catalogue.remove([], event)[0])
