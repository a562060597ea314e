import contextlib
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.documents import read_documents
from rag.documents.characters import normalise, unwrap_markup
from rag.documents.encodings import decode
from rag.documents.markdown import read_markdown
from rag.documents.news import read_news
from rag.errors import InputError

SUFFIXES = (".txt", ".md", ".jsonl", ".html", ".pdf", ".docx")
WORDS = st.sampled_from(
    "harbour board vote channel crews grain ships Lindmouth nine crowns été — the of 1988".split()
)
SENTENCES = st.lists(WORDS, min_size=4, max_size=14).map(
    lambda words: " ".join(words).capitalize() + "."
)
PROSE = st.lists(SENTENCES, min_size=2, max_size=4).map(" ".join)
NOISE = st.sampled_from(
    [
        "By Ada Quill",
        "Feb. 7, 2023",
        "COAST > PORTS > NEWS",
        "A A Print",
        "Analysis",
        "Lindmouth Deepens Its Northern Channel",
        "Crews in Doubt:",
        "What the Vote Means for Lindmouth",
        "A dredger at work. Tom Marsh/AFP via Getty Images",
        "MOLE",
        "the rest of a line",
        "Read more: Night Trains Return",
        "Ada Quill is a fellow at the Coast Institute.",
        "VIEWS PERSONAL",
        "3 thoughts on “Channel",
        "• a list item",
    ]
)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(data=st.binary(max_size=600), suffix=st.sampled_from(SUFFIXES))
def test_any_bytes_get_a_verdict(tmp_path, data, suffix):
    path = tmp_path / f"any{suffix}"
    path.write_bytes(data)
    outcomes = list(read_documents([path]))
    assert outcomes
    for outcome in outcomes:
        assert bool(outcome.problem) != bool(outcome.documents)


@quick
@given(text=st.text(max_size=400), suffix=st.sampled_from((".txt", ".md")))
def test_headings_are_single_lines_of_the_text(tmp_path, text, suffix):
    path = tmp_path / f"any{suffix}"
    path.write_text(f"# Top\n\n{text}\n\n## Next\n\nEnd.", encoding="utf-8", errors="replace")
    for outcome in read_documents([path]):
        for document in outcome.documents:
            document.text.encode()
            for heading in document.headings:
                line = document.text[heading.start : heading.end]
                assert line == line.strip() != ""
                assert "\n" not in line


@quick
@given(st.lists(PROSE, min_size=1, max_size=8))
def test_no_prose_is_lost(paragraphs):
    cleaned = [block.text for block in read_news("\n\n".join(paragraphs)).blocks]
    assert cleaned == [" ".join(text.split()) for text in paragraphs]


@quick
@given(st.lists(PROSE | NOISE, min_size=1, max_size=14), PROSE)
def test_prose_survives_any_noise_and_cleaning_twice_changes_nothing(lines, last):
    once = [block.text for block in read_news("\n\n".join([*lines, last])).blocks]
    if not any(line.startswith("3 thoughts on") for line in lines):
        mended = " ".join(once)
        assert all(line in mended for line in lines if line.endswith(".") and line.count(".") > 1)
    again = [block.text for block in read_news("\n\n".join(once)).blocks]
    assert again == once


@quick
@given(st.text(max_size=200))
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)
    assert normalise(once) == once
    once.encode()


@quick
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_valid_utf8_is_decoded_exactly(text):
    assert decode(text.encode()) == text.removeprefix("\ufeff")


PARAGRAPH = "The board met on Monday and voted by seven to two. The crews had asked for more time. "


@pytest.mark.parametrize(
    "text",
    [
        (PARAGRAPH * 4 + "\n\n") * 28_000,
        PARAGRAPH * 115_000,
        "x" * 10_000_000,
        "!" * 10_000_000,
        ". " * 5_000_000,
        '"' * 10_000_000,
        "<a " * 3_300_000,
        "&amp;" * 2_000_000,
        "> " * 5_000_000,
        "\n" * 10_000_000,
    ],
    ids=[
        "prose",
        "one line",
        "one word",
        "bangs",
        "dots",
        "quotes",
        "tags",
        "ands",
        "crumbs",
        "lines",
    ],
)
def test_ten_megabytes_are_cleaned_in_linear_time(text):
    started = time.process_time()
    read_news(unwrap_markup(decode(text.encode())))
    # Seconds of this process on a slow core; anything quadratic would take hours.
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    "text", ["*a " * 300_000, "[" * 1_000_000, "> " * 500_000, "![[" * 300_000, "<!--" * 250_000]
)
def test_hostile_markdown_is_read_in_linear_time(text):
    started = time.process_time()
    with contextlib.suppress(InputError):  # nested too deeply
        read_markdown(text)
    assert time.process_time() - started < 20
