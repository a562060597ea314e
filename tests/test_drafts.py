from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.prompting import Draft, parse_reply

ALLOWED = range(1, 10)


def parsed(text: str, *, final: bool = True) -> list[tuple[str, tuple[int, ...]]]:
    return [(draft.text, draft.numbers) for draft in parse_reply(text, ALLOWED, final=final)]


def joined(text: str, *, final: bool = True) -> str:
    return "".join(d.lead + d.text for d in parse_reply(text, ALLOWED, final=final))


@pytest.mark.parametrize(
    ("marked", "numbers"),
    [
        ("Ten soldiers came [1].", (1,)),
        ("Ten soldiers came. [1]", (1,)),
        ("Ten soldiers came.[1]", (1,)),
        ("Ten soldiers came .[1]", (1,)),
        ("[1] Ten soldiers came.", (1,)),
        ("Ten [1] soldiers came [2].", (1, 2)),
        ("Ten soldiers [2] came [1][2].", (2, 1)),
        ("Ten soldiers came [1] [2].", (1, 2)),
        ("Ten soldiers came [1, 2].", (1, 2)),
        ("Ten soldiers came [1,2;3].", (1, 2, 3)),
        ("Ten soldiers came [2-4].", (2, 3, 4)),
        ("Ten soldiers came [2–4, 9].", (2, 3, 4, 9)),
        ("Ten soldiers came [8-999999].", (8, 9)),
        ("Ten soldiers came 【3】.", (3,)),
        ("Ten soldiers came.【3†source】", (3,)),
        ("Ten soldiers came［3］.", (3,)),
        ("Ten soldiers came.[^3]", (3,)),
        ("Ten soldiers came [[3]].", (3,)),
        (r"Ten soldiers came \[3\].", (3,)),
        ("Ten soldiers came **[3]**.", (3,)),
        ("Ten soldiers came [ 3 ].", (3,)),
        ("Ten soldiers came\n[3]", (3,)),
        ("Ten soldiers came.\n\n[3]", (3,)),
        ("Ten soldiers came [99].", ()),
        ("Ten soldiers came [0][1].", (1,)),
        ("Ten soldiers came [99999999999999999999].", ()),
        ("Ten soldiers came [5-2].", ()),
        ("Ten soldiers came [1", ()),
        ("Ten soldiers came. [1][", (1,)),
    ],
)
def test_markers_are_lifted_out_of_the_sentence(marked, numbers):
    text = parsed(marked)[0][0].replace(" .", ".").rstrip(".")
    assert (text, parsed(marked)[0][1]) == ("Ten soldiers came", numbers)
    assert len(parsed(marked)) == 1


def test_each_marker_belongs_to_the_sentence_it_follows():
    text = 'Kim "will see." [1] The U.S. says 8,000.[2][3] Others [4] doubt it. More.'
    assert parsed(text) == [
        ('Kim "will see."', (1,)),
        ("The U.S. says 8,000.", (2, 3)),
        ("Others doubt it.", (4,)),
        ("More.", ()),
    ]


def test_parentheses_and_words_in_brackets_are_no_markers():
    assert parsed("He (1) said “[Kim] came” [sic].") == [("He (1) said “[Kim] came” [sic].", ())]


def test_paragraphs_and_lists_keep_their_shape():
    text = "One. Two.\nThree.\n\nFour:\n- five [1]\n* six\n  and more\n1. seven\n\nEight."
    assert joined(text) == (
        "One. Two. Three.\n\nFour:\n\n- five\n- six and more\n- seven\n\nEight."
    )


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**Kim** _said_ `so` ~~not~~ __now__.", "Kim said so not now."),
        ("2 * 3 is snake_case.", "2 * 3 is snake_case."),
        ("> Quoted.\n> More.", "Quoted. More."),
        ("# Title\nText.", "Text."),
        ("**Title:**\n\nText.", "Text."),
        ("**All of it is bold.**", "All of it is bold."),
        ("```text\nCode.\n```", "Code."),
        ("One.\n\n---\n\nTwo.", "One.\n\nTwo."),
        ("|Who|What|\n|---|:-:|\n|Kim|came [1]|\n|Lee|left|", "- Kim; came\n- Lee; left"),
        ("Text. [1]\n\nSources:\n[1] A paper", "Text."),
        ("Text. [1]\n\n**References**\n- A paper", "Text."),
        ("Text. [1]\nSources: [1] A paper, page 3", "Text."),
        ("Sources said it came.", "Sources said it came."),
        ("<think>Hm. [2]</think>\nText.", "Text."),
        ("<think>Hm.", ""),
        ("Hm. Is it so? [2]\n</think>\n\nText.", "Text."),
        ("Hm.</think>No.</thinking> Text.", "Text."),
        ("<think>Hm.</think>No.</think> Text.", "Text."),
        ("- [x] Done.", "- Done."),
    ],
)
def test_markdown_becomes_plain_sentences(markdown, plain):
    assert joined(markdown) == plain


def test_a_heading_that_cites_is_a_statement():
    assert parsed("## Ten came [1]\nMore.") == [("Ten came More.", (1,))]


@pytest.mark.parametrize(
    "hostile",
    [
        "See [the page](http://evil.example/a(b)?q=1 'x').",
        "See [the page](javascript:alert(1)).",
        "See ![](http://evil.example/p.png)the page.",
        "See ![x](//evil.example/p.png?q=secret) the page.",
        "See <a href='http://evil.example'>the page</a>.",
        "See <https://evil.example/?q=secret> the page.",
        "See https://evil.example/?q=secret the page.",
        "See www.evil.example the page.",
        "See the page.\n\n[1]: http://evil.example",
        "See the page.\n[x]: <javascript:alert(1)> 'title'",
        "See the page<script src=//evil.example></script>.",
        "See the page<!-- evil.example -->.",
        "See the <img src=x onerror=evil.example>page.",
        "See\u200b the\u202e page.",
        "See the page [1](http://evil.example).",
        "See the page [[1]](http://evil.example).",
        r"See the page \[1\]\(http://evil.example\).",
    ],
)
def test_no_link_image_or_tag_survives(hostile):
    drafts = parse_reply(hostile, ALLOWED, final=True)
    text = " ".join(draft.text for draft in drafts)
    assert re.sub(r"\s+(?=\.)", "", text) == "See the page."


@pytest.mark.parametrize(
    "hostile",
    [
        "[an open](http://evil.example",
        "<im<b>g src=x>",
        "h[1]ttp://evil.example",
        "](<](x",
        "a\\](b",
    ],
)
def test_broken_syntax_does_not_heal_into_a_link_or_tag(hostile):
    text = joined(hostile)
    assert "](" not in text
    assert "://" not in text
    assert not re.search(r"<[A-Za-z/!?]", text)


MARKUP = (
    "[ ] ( ) ! < > http://e.example/x 1 2 99 , - – ^ [1] [2,3] 【4†a】 ]( ]: <b </ \\ * ** _ ` |"
)
PLAIN = "|--| word Word. U.S. “ ” 北 \u200b"
BLOCKS = ["\n", "\n\n", "- ", "# ", "> ", "1. ", " ", " "]
PIECES = st.sampled_from([*MARKUP.split(), *PLAIN.split(" "), *BLOCKS])
SOUP = st.lists(PIECES, max_size=40).map("".join) | st.text()


@settings(deadline=None)
@given(SOUP, st.booleans())
def test_nothing_that_a_model_writes_breaks_the_reader(text, final):
    for draft in parse_reply(text, {1, 2, 3}, final=final):
        assert set(draft.numbers) <= {1, 2, 3}
        assert draft.text == draft.text.strip()
        assert any(map(str.isalnum, draft.text))
        assert "](" not in draft.text
        assert "]:" not in draft.text
        assert "\n" not in draft.text
        assert not re.search(r"<[A-Za-z/!?]|[a-z]://\S", draft.text)
        assert not re.search(r"[\[【]\^?[0-9, ]+[\]】]", draft.text)
        assert draft.lead in ("", " ", "\n\n", "- ", "\n- ", "\n\n- ")


WORD_LIST = "Kim said 8,000 **troops** <b>now</b> https://e.example/x.y “[he] left” - 5 北朝鲜 *so*"
LINKS = ["[the page](http://e.example/a b)", "![x y](http://e.example)"]
WORDS = st.sampled_from([*WORD_LIST.split(), *LINKS])
MARKS = st.sampled_from(
    ["", " [1]", "[2][3]", " [1, 2]", " 【3†a】", " [^2]", " [ 4 - 6 ]", " [99]"]
)
SENTENCES = st.tuples(st.lists(WORDS, min_size=1, max_size=6), MARKS, MARKS).map(
    lambda parts: "He " + " ".join(parts[0]) + parts[1] + "." + parts[2]
)
BREAKS = st.sampled_from([" ", "\n", "\n\n", "\n- ", "\n\n1. "])
REPLIES = st.lists(st.tuples(SENTENCES, BREAKS), min_size=1, max_size=6).map(
    lambda pairs: "".join(sentence + gap for sentence, gap in pairs)
)


@settings(deadline=None, max_examples=60)
@given(REPLIES)
def test_a_growing_reply_only_ever_grows_and_ends_as_the_whole_one(reply):
    whole = joined(reply)
    shown = [joined(reply[:end], final=False) for end in range(len(reply) + 1)]
    for before, after in zip(shown, [*shown[1:], whole], strict=True):
        assert whole.startswith(before)
        assert len(before) <= len(after)
    assert parse_reply(reply + "\n\n", ALLOWED, final=False) == parse_reply(
        reply, ALLOWED, final=True
    )


@settings(deadline=None, max_examples=60)
@given(REPLIES)
def test_all_but_the_last_draft_of_a_growing_reply_stay(reply):
    whole = parse_reply(reply, ALLOWED, final=True)
    for end in range(0, len(reply), 3):
        stable = parse_reply(reply[:end], ALLOWED, final=False)[:-1]
        assert whole[: len(stable)] == stable


@pytest.mark.parametrize(
    "end", ["[", "[1", "[1,", "[1, 2", "【1†sou", "[the pa", "[a](http://x y", "<a hr"]
)
def test_an_unfinished_end_is_held_back(end):
    assert joined(f"Ten came. {end}", final=False) == "Ten came."


def test_a_table_row_is_held_back_until_the_next_line():
    assert joined("|Who|\n", final=False) == ""
    assert joined("|Who|\n|--|\n|Kim [1]|\n|", final=False) == ""
    assert joined("|Who|\n|--|\n|Kim [1]|\n|Lee|\n", final=False) == "- Kim"


def test_text_without_spaces_grows_too():
    assert joined("北朝鲜派兵", final=False) == "北朝鲜派兵"


UNITS = (
    "[ [1 [1] [^ 【1† ]( ![a [a]( [1]: < <a <!-- * _a ` - # | \\[ www. a:// 1, ( a aaa://a".split()
)


@pytest.mark.parametrize("unit", [*UNITS, "> ", "- ", "\n", "|a\n", "\n[1]: "])
def test_hostile_repetition_costs_linear_time(unit):
    text = unit * (60_000 // len(unit))
    began = time.perf_counter()
    for reply in (text, f"A {text} b. "):
        for final in (True, False):
            parse_reply(reply, ALLOWED, final=final)
    assert time.perf_counter() - began < 5


def test_a_draft_is_a_value():
    assert Draft("Ten.", (1,)) == Draft("Ten.", (1,), "")
