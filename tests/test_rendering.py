import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.rendering import (
    answer_html,
    answer_json,
    answer_markdown,
    answer_plain,
    body_html,
    escape,
)
from rag.rendering_chat import (
    NO_EVIDENCE,
    chat_html,
    evidence_html,
    header_html,
    question_markdown,
)
from rag.rendering_documents import documents_html, status_html, verdicts_html
from rag.types import Answer, Citation, Claim, Document, Heading, Passage

TEXT = "Opening words.\n\nSeoul counted 8,000 soldiers. Kyiv spoke of more.\n\n" + "\n\n".join(
    f"Paragraph number {n}." for n in range(3, 12)
)
DOCUMENT = Document(
    "kursk", TEXT, "At the Border", "Writer A", "Courier", "2024-11-01", kind="brief"
)
QUOTE = "Seoul counted 8,000 soldiers."

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](http://evil.example/a.png)",
    "<http://evil.example>",
    "http://evil.example www.evil.example a@evil.example",
    "[1]: http://evil.example",
    "[1](http://evil.example)",
    "[a]\n\n[a]: http://evil.example",
    "\\[x](http://evil.example)",
    "`\\`[x](http://evil.example)",
    '"><svg onload=alert(1)>',
    "${alert(1)} {{value}} {{#each x}}",
    "</mark></details></div><iframe src=//evil.example>",
    "&lt;script&gt;&#60;b&#62;",
    "\x1b[31mred\x1b[0m \u202eevil \ud800",
    "$$\\href{javascript:alert(1)}{x}$$",
    "\ue0001\ue001",
)
hostile = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from([*ATTACKS, *"[]()!<>\\`*_:/\n& 1#-"]), max_size=8).map("".join),
)


def cited(quote=QUOTE, marker=1, title="At the Border", document="kursk", url=None):
    start = max(TEXT.find(quote), 0)
    return Citation(
        marker, document, title, "Writer A", "Courier", "2024-11-01", "brief", quote, start,
        start + len(quote), 0.9, url,
    )  # fmt: skip


def answered(text=f"{QUOTE} [1]", **changes):
    given = {
        "question": "How many?",
        "abstained": False,
        "mode": "extractive",
        "model": "extractive",
        "query": "How many?",
        "citations": (cited(),),
        "claims": (Claim(QUOTE, "verbatim", (1,)),),
        "notes": ("The newest article is of November.",),
    }
    return Answer(text=text, **{**given, **changes})


def hostile_answer(text):
    return answered(
        text,
        question=text,
        query=text + "?",
        citations=(cited(text, title=text, document=text, url=text),),
        claims=(Claim(text, "partly", (1,), (text,)),),
        passages=(Passage(text, 0, 1, text, 0.5),),
        notes=(text,),
    )


class Elements(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.attributes = []
        self.text = ""
        self.depth = 0

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.depth += tag not in ("br",)

    def handle_endtag(self, tag):
        self.depth -= 1

    def handle_data(self, data):
        self.text += data


def parsed(markup):
    elements = Elements()
    elements.feed(markup)
    elements.close()
    return elements


SAFE_TAGS = set(
    "div p br span a sup b em strong ul ol li blockquote details summary article header mark"
    " h1 h2 h3 h4 table caption thead tbody tr th td style".split()
)
SAFE_ATTRIBUTES = {"class", "id", "href", "title", "value", "tabindex", "open", "scope"}


def assert_inert(markup):
    elements = parsed(markup)
    assert set(elements.tags) <= SAFE_TAGS
    assert {name for name, _ in elements.attributes} <= SAFE_ATTRIBUTES
    assert all(value.startswith("#") for name, value in elements.attributes if name == "href")
    assert elements.depth == 0
    markup.encode()


def active_tokens(markdown):
    parser = MarkdownIt("gfm-like", {"linkify": False, "html": True})
    inline = [
        child for token in parser.parse(markdown) for child in (token, *(token.children or ()))
    ]
    return [t.type for t in inline if t.type.startswith(("link", "image", "html"))]


@given(hostile)
def test_no_html_view_lets_hostile_text_become_markup(text):
    answer = hostile_answer(text)
    document = Document(text or "d", text, text, text, text, text, headings=(Heading(0, 1, 1),))
    assert_inert(answer_html(answer))
    assert_inert(chat_html(answer, 1))
    assert_inert(evidence_html([(1, answer)], lambda _: None))
    assert_inert(documents_html([document], {document.id: 3}))
    assert_inert(header_html(text))
    for markup in (status_html(text, problem=True), verdicts_html([(text, text, True)])):
        assert_inert(markup.replace(' role="status"', ""))


@given(hostile)
def test_a_button_names_its_document_and_nothing_else_whatever_that_is_called(text):
    document = Document(text or "d", "x", text)
    elements = parsed(documents_html([document], {}, removable=True))
    assert set(elements.tags) <= SAFE_TAGS | {"button"}
    named = [unquote(value) for name, value in elements.attributes if name == "data-document"]
    assert named == [document.id.encode(errors="replace").decode()]
    assert {name for name, _ in elements.attributes} <= {*SAFE_ATTRIBUTES, "type", "data-document"}


def test_a_long_list_of_documents_is_cut_and_says_so():
    markup = documents_html([Document(f"d{n}", "x") for n in range(1_200)], {})
    assert markup.count('<th scope="row">') == 1_000
    assert "… and 200 more" in markup


@given(hostile)
def test_chat_html_is_one_line_that_a_markdown_engine_passes_through(text):
    markup = chat_html(hostile_answer(text), 1)
    assert not re.search(r"[\n\r\v\f]", markup)
    assert MarkdownIt("commonmark").render(markup) == markup
    assert not set("`*_[]{}$|\\!") & set(re.sub(r"<[^>]*>", "", markup))


@given(hostile)
def test_markdown_export_has_no_link_image_or_html(text):
    exported = answer_markdown(hostile_answer(text))
    assert active_tokens(exported) == []
    assert not re.search(r"https?://|www\.", exported, re.I)


@given(hostile)
def test_plain_text_has_no_control_characters(text):
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", answer_plain(hostile_answer(text)))


@given(hostile)
def test_question_is_shown_as_typed_and_can_be_edited_back(text):
    shown = question_markdown(text)
    assert active_tokens(shown) == []
    typed = "\n".join(line.strip() for line in text.strip().splitlines())
    if all(char.isprintable() or char == "\n" for char in text):
        assert html.unescape(shown) == typed


@given(hostile, st.data())
@settings(max_examples=60)
def test_evidence_shows_the_whole_article_with_each_quote_in_a_mark(text, data):
    text = text + "\nplain words here"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    if not quote.strip() or not text.isprintable():
        return
    document = Document("d", text)
    citation = Citation(1, "d", None, None, None, None, "article", quote, start, end, 1.0)
    markup = evidence_html([(1, answered(citations=(citation,)))], lambda _: document)
    assert_inert(markup)
    marked = "".join(re.findall(r"<mark.*?</mark>", markup))
    assert parsed(marked.replace(">1</a>", "></a>")).text.split() == quote.split()


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_text_is_still_readable(attack):
    visible = re.sub("[\x1b\u202e\ud800]", "\ufffd", attack)
    assert parsed(escape(attack)).text == visible


def test_known_marker_becomes_a_link_and_unknown_marker_stays_text():
    markup = body_html("One [1] two [7].", {1: "<LINK>"})
    assert markup == "<p>One <LINK> two &#91;7&#93;.</p>"


def test_bracketed_number_of_an_article_is_not_a_citation():
    assert "<LINK>" not in body_html(r"as in \[1] of the text", {1: "<LINK>"})


def test_emphasis_and_lists_of_an_answer_are_rendered():
    assert body_html("- **one**\n- two", {}) == (
        "<ul> <li><strong>one</strong></li> <li>two</li> </ul>"
    )


def test_notebook_view_shows_quote_byline_brief_badge_verdict_and_note():
    markup = answer_html(answered())
    text = parsed(re.sub("<style>.*</style>", "", markup, flags=re.S)).text
    for part in (QUOTE, "At the Border", "Writer A, Courier, 2024-11-01", "brief", "word for word"):
        assert part in text
    assert "The newest article is of November." in text


def test_notebook_link_leads_to_its_quote_and_answers_do_not_share_ids():
    one, two = answer_html(answered()), answer_html(answered(question="How few?"))
    (target,) = re.findall(r'href="#([^"]+)"', one)
    assert f'id="{target}"' in one
    assert f'id="{target}"' not in two


def test_untitled_source_is_named_once():
    untitled = replace(cited(), title=None)
    assert "    Writer A — Courier, 2024-11-01 — brief" in answer_plain(
        answered(citations=(untitled,))
    )
    bare = replace(untitled, author=None, publisher=None, date=None)
    assert "    kursk — brief" in answer_plain(answered(citations=(bare,)))


def test_article_gets_no_brief_badge():
    citation = Citation(1, "d", "T", None, None, None, "article", "q", 0, 1, 0.5)
    assert "badge" not in answer_html(answered(citations=(citation,))).partition("</style>")[2]


def test_plain_view_is_answer_then_numbered_sources():
    assert answer_plain(answered()) == (
        "Seoul counted 8,000 soldiers. [1]\n\n"
        "[1] “Seoul counted 8,000 soldiers.”\n"
        "    At the Border — Writer A, Courier, 2024-11-01 — brief\n\n"
        "Note: The newest article is of November."
    )


def test_plain_view_shows_marks_without_the_escapes_of_markdown():
    text = r"It was 20 \- 30 \*km\*, see \[1\] and C:\ports. [1]"
    shown = answer_plain(answered(text)).splitlines()[0]
    assert shown == r"It was 20 - 30 *km*, see [1] and C:\ports. [1]"


@pytest.mark.parametrize("digit", ["١", "१", "１"])
def test_only_plain_digits_make_a_marker(digit):
    assert body_html(f"Odd [{digit}].", {1: "<a>link</a>"}) == f"<p>Odd &#91;{digit}&#93;.</p>"
    assert f"\\[{digit}]" in answer_markdown(answered(f"Odd [{digit}](x)."))


def test_plain_view_keeps_to_the_width():
    long = answered("word " * 60, citations=(cited(" ".join(["soldiers"] * 30)),))
    assert max(map(len, answer_plain(long, width=50).splitlines())) <= 50


def test_plain_view_names_doubtful_claims_only():
    claims = (
        Claim("Fine.", "supported"),
        Claim("Odd.", "contradicted", (1,), ("8,000 is 10,000",)),
    )
    plain = answer_plain(answered(claims=claims))
    assert "✗ contradicted: Odd. (8,000 is 10,000)" in plain
    assert "Fine." not in plain


def test_markdown_export_keeps_the_sources():
    exported = answer_markdown(answered())
    assert "Seoul counted 8,000 soldiers. [1]" in exported
    assert r"> \[1\] “Seoul counted 8,000 soldiers.”" in exported
    assert "> — At the Border — Writer A, Courier, 2024-11-01 — brief" in exported


def test_json_has_every_field_of_the_contract_and_survives_a_round_trip():
    shown = answer_json(
        answered(passages=(Passage("kursk", 0, 7, "Opening", 0.5),), timings_ms={"total": 1.5})
    )
    assert json.loads(json.dumps(shown)) == shown
    assert list(shown) == [
        *("id", "question", "query", "answer", "abstained", "mode", "model"),
        *("claims", "citations", "passages", "notes", "timings_ms"),
    ]
    assert shown["claims"] == [
        {"text": QUOTE, "verdict": "verbatim", "citations": [1], "reasons": []}
    ]
    assert shown["citations"][0] == {
        "marker": 1,
        "document": "kursk",
        "title": "At the Border",
        "author": "Writer A",
        "publisher": "Courier",
        "date": "2024-11-01",
        "kind": "brief",
        "quote": QUOTE,
        "start": TEXT.find(QUOTE),
        "end": TEXT.find(QUOTE) + len(QUOTE),
        "score": 0.9,
        "url": None,
    }


def test_chat_link_names_the_source_and_leads_to_the_turns_own_evidence():
    markup = chat_html(answered(), 3)
    elements = parsed(markup)
    assert ("href", "#ev-3-1") in elements.attributes
    assert ("title", "At the Border — Writer A, Courier, 2024-11-01 — brief") in elements.attributes


def test_chat_shows_the_query_only_where_it_differs():
    assert "Searched for" not in chat_html(answered(), 1)
    same = answered(query=answered().question.upper())
    assert "Searched for" not in chat_html(same, 1), "names in other letters are the same names"
    assert "Searched for&#58; Kursk" in chat_html(answered(query="Kursk"), 1).replace(
        "for: ", "for&#58; "
    )


def test_chat_opens_the_checks_when_a_claim_is_doubtful():
    assert '<details class="checks">' in chat_html(answered(), 1)
    doubtful = answered(claims=(Claim("Odd.", "unsupported"),))
    assert '<details class="checks" open>' in chat_html(doubtful, 1)


def test_chat_says_plainly_that_the_articles_do_not_answer():
    abstained = answered("No.", abstained=True, citations=(), claims=())
    assert "Not in these articles" in chat_html(abstained, 1)


def test_growing_answer_shows_no_checks_yet():
    assert "checks" not in chat_html(answered(final=False), 1)


def test_evidence_marks_the_quote_between_its_neighbours_and_folds_the_rest():
    markup = evidence_html([(1, answered())], lambda _: DOCUMENT)
    assert re.search(rf'<mark id="ev-1-1"[^>]*>.*{escape(QUOTE)}</mark>', markup)
    shown, _, folded = markup.partition('<details class="gap">')
    assert "Opening words." in shown
    assert "Paragraph number 4." in shown
    assert "7 more paragraphs" in folded
    assert "Paragraph number 11." in folded


def test_evidence_of_older_turns_is_closed_and_light():
    markup = evidence_html([(1, answered()), (2, answered())], lambda _: DOCUMENT)
    newer, older = re.findall(r'<details class="turn".*?(?=<details class="turn"|$)', markup)
    assert newer.startswith('<details class="turn" open>')
    assert 'id="ev-2-1"' in newer
    assert older.startswith('<details class="turn"><summary>')
    assert 'id="ev-1-1"' in older
    assert "Paragraph number 11." not in older


def test_overlapping_quotes_each_have_a_target():
    citations = (cited(), cited("Seoul counted", 2), cited("8,000 soldiers. Kyiv", 3))
    markup = evidence_html([(1, answered(citations=citations))], lambda _: DOCUMENT)
    assert sorted(re.findall(r'id="(ev-1-\d)"', markup)) == ["ev-1-1", "ev-1-2", "ev-1-3"]
    marked = "".join(re.findall(r"<mark.*?</mark>", markup))
    unnumbered = re.sub(r">\d</a>", "></a>", marked)
    assert parsed(unnumbered).text == "Seoul counted 8,000 soldiers. Kyiv"


def test_quotes_of_a_document_that_changed_are_shown_with_a_warning():
    changed = Document("kursk", "Quite another text, long enough to hold the old span somewhere.")
    for document in (changed, None):
        markup = evidence_html([(1, answered())], lambda _, found=document: found)
        assert "has changed since or is gone" in markup
        assert QUOTE in parsed(markup).text


def test_abstention_shows_what_came_nearest():
    passage = Passage("kursk", 0, 14, "Opening words.", 0.2)
    abstained = answered("No.", abstained=True, citations=(), claims=(), passages=(passage,))
    markup = evidence_html([(1, abstained)], lambda _: DOCUMENT)
    assert "does not answer" in markup
    assert "Opening words." in markup


def test_abstention_without_any_passage_says_so():
    abstained = answered("No.", abstained=True, citations=(), claims=())
    assert "Nothing near the question" in evidence_html([(1, abstained)], lambda _: None)


def test_no_evidence_before_the_first_answer():
    assert evidence_html([], lambda _: None) == NO_EVIDENCE


def test_documents_are_listed_with_what_is_unknown_left_open():
    markup = documents_html([DOCUMENT, Document("bare", "x")], {"kursk": 3})
    assert re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", markup)[6:] == [
        *("At the Border", "Writer A", "Courier", "2024&#45;11&#45;01", "brief", "3"),
        *("bare", "—", "—", "—", "article", "0"),
    ]


def test_header_names_the_mode():
    assert "no key" in header_html("extractive")
    assert "gpt&#45;x" in header_html("gpt-x")


PAGE = "https://news.example/a_b?id=1&x=(2)"


def test_exports_link_a_source_to_its_page():
    answer = answered(citations=(cited(url=PAGE),))
    linked = "https://news.example/a_b?id=1&x=%282%29"
    markdown = MarkdownIt("commonmark").render(answer_markdown(answer))
    hrefs = [value for name, value in parsed(markdown).attributes if name == "href"]
    assert hrefs == [linked]
    hrefs = [value for name, value in parsed(answer_html(answer)).attributes if name == "href"]
    assert hrefs == ["#attest-" + answer.id + "-1", linked]
    assert answer_json(answer)["citations"][0]["url"] == PAGE


def test_a_source_whose_address_is_no_web_page_is_not_linked():
    answer = answered(citations=(cited(url="javascript:alert(1)"),))
    assert "javascript" not in answer_markdown(answer) + answer_html(answer)
