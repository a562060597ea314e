"""A newer version of an article is told from another article of the same id."""

from dataclasses import replace

import pytest

from rag.types import Document
from rag.versions import is_another_article

OLD = Document("index", "Gas became dearer in autumn, and many flats stayed cold.", "Heating")
UNRELATED = "The council lets three tram lines run until two in the morning."


@pytest.mark.parametrize(
    ("changes", "another"),
    [
        ({"text": UNRELATED}, False),
        ({"text": UNRELATED, "title": "Trams"}, True),
        ({"text": UNRELATED, "title": None}, True),
        ({"text": UNRELATED, "url": "https://b.example"}, True),
        ({"text": f"{OLD.text} {UNRELATED * 9}", "title": "Trams"}, False),
        ({"url": "https://b.example"}, False),
        ({"text": "Cold", "title": "Trams"}, True),
    ],
)
def test_title_address_and_shared_text_decide(changes, another):
    old = replace(OLD, url="https://a.example")
    assert is_another_article(old, replace(old, **changes)) is another
