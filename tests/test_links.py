"""Only plain web addresses become links, and nothing in them can end one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.links import safe_link


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example",
        "http://news.example:8080/a/b.html?c=1&d=%20e#f",
        "https://news.example/~a_b-c",
    ],
)
def test_a_web_address_is_kept(url):
    assert safe_link(url) == url


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("HTTPS://News.Example/A", "https://news.example/A"),
        ("https://news.example/(a)<b>", "https://news.example/%28a%29%3Cb%3E"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ('https://news.example/"onclick=', "https://news.example/%22onclick="),
    ],
)
def test_what_could_end_a_link_is_escaped(url, linked):
    assert safe_link(url) == linked


@pytest.mark.parametrize(
    "url",
    [
        *(None, "", "news.example", "/a", "//news.example", "https://", "https:///a"),
        *("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a.example"),
        *("https://bank.example@evil.example", "https://a b.example", "https://a.example/\n"),
        *("https://[", "https://a..b", "https://a.example:x", "https://a\u202e.example"),
        *("https://<b>.example", f"https://a.example/{'x' * 2_000}"),
    ],
)
def test_anything_else_is_no_link(url):
    assert safe_link(url) is None


@given(st.text().map("https://a.example/".__add__) | st.text())
def test_no_address_can_end_a_link(url):
    link = safe_link(url)
    assert link is None or (not set(link) & set(' \n<>()[]"\\`{}|^') and link.isascii())
