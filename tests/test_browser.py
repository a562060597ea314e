"""The page in a real browser: what a reader sees and does, and what hostile text cannot do."""

import re
from dataclasses import replace

import pytest
from fake_chatbot import FakeChatbot
from visitors import IN_A_BROWSER, PHONE, playwright, visiting

from rag.types import Answer, Citation, Claim, Document, Passage

pytestmark = IN_A_BROWSER

QUESTION = "What does the treaty mean for Beijing and Pyongyang?"
SECOND = "Where are the North Korean soldiers?"


@pytest.fixture(scope="module")
def shared(browser):
    with visiting(browser, FakeChatbot(pause=0.1)) as visit:
        yield visit


@pytest.fixture
def visit(shared):
    """A fresh conversation on a page that stays open: starting an app takes seconds."""
    shared.page.reload()
    shared.page.locator("#question textarea").wait_for()
    shared.surprises.clear()
    return shared


def in_view(page, selector):
    return page.locator(selector).evaluate(
        """target => {
            const box = target.getBoundingClientRect();
            const panel = document.querySelector('#evidence').getBoundingClientRect();
            const top = Math.max(0, panel.top), bottom = Math.min(innerHeight, panel.bottom);
            return box.top >= top && box.top < bottom;
        }"""
    )


def wait_in_view(page, selector):
    for _ in range(50):
        if in_view(page, selector):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{selector} was not scrolled into view")


def test_example_is_answered_as_a_stream_and_its_citation_leads_to_the_marked_words(
    browser, tmp_path
):
    import app

    kept = dict(app.EXAMPLES)
    app.EXAMPLES["pact"] = QUESTION
    try:
        with visiting(browser, FakeChatbot(pause=0.6)) as visit:
            page = visit.page
            page.get_by_role("button", name=QUESTION).click()
            page.locator("#chat .growing a.cite").first.wait_for()
            growing = page.locator("#chat .answer").inner_text()
            visit.rest()
            whole = page.locator("#chat .answer").inner_text()
            assert whole.startswith(growing.strip()[:20])
            assert len(whole) > len(growing)
            page.locator("#chat a.cite", has_text="[2]").click()
            wait_in_view(page, "#ev-1-2")
            marked = page.locator("#ev-1-2").inner_text()
            assert marked.removeprefix("2").strip() in whole
            page.screenshot(path=tmp_path / "evidence.png")
            assert visit.surprises == []
    finally:
        app.EXAMPLES.clear()
        app.EXAMPLES.update(kept)


def test_citations_of_an_earlier_answer_still_open_its_evidence(visit):
    visit.ask(QUESTION)
    visit.ask(SECOND)
    page = visit.page
    assert not page.locator("#ev-1-1").is_visible()
    page.locator("#an-1 a.cite", has_text="[1]").click()
    wait_in_view(page, "#ev-1-1")
    assert page.locator("#ev-1-1").is_visible()
    page.locator("#an-2 a.cite", has_text="[1]").click()
    wait_in_view(page, "#ev-2-1")


def test_new_answer_brings_its_evidence_into_view(visit):
    visit.ask(QUESTION)
    visit.ask(SECOND)
    visit.page.locator("#an-1 a.cite", has_text="[1]").click()
    wait_in_view(visit.page, "#ev-1-1")
    visit.page.evaluate("document.querySelector('#evidence').scrollTo({top: 9999})")
    visit.ask("Who counted trains at the bridge?")
    wait_in_view(visit.page, "#ev-3-1")
    assert visit.page.locator("#evidence").evaluate("panel => panel.scrollTop") == 0


def test_citation_works_from_the_keyboard_and_leads_back(visit):
    visit.ask(QUESTION)
    page = visit.page
    page.locator("#an-1 a.cite").first.focus()
    page.keyboard.press("Enter")
    wait_in_view(page, "#ev-1-1")
    assert page.evaluate("document.activeElement.id") == "ev-1-1"
    page.locator("#ev-1-1 a.back").press("Enter")
    assert page.url.endswith("#an-1")


def test_query_is_shown_when_a_follow_up_was_rewritten(visit):
    visit.ask(QUESTION)
    assert visit.page.locator("#an-1 .query").count() == 0
    visit.ask(SECOND)
    assert "Searched for" in visit.page.locator("#an-2 .query").inner_text()


def test_abstention_is_plain(visit):
    visit.ask("Quota of zebra crossings?")
    assert "Not in these articles" in visit.page.locator("#an-1").inner_text()
    assert visit.page.locator("#an-1 a.cite").count() == 0


def test_stop_keeps_the_beginning_of_the_answer(browser):
    chatbot = FakeChatbot(pause=1.0)
    with visiting(browser, chatbot) as visit:
        visit.type(QUESTION)
        page = visit.page
        page.locator("#chat .growing a.cite").first.wait_for()
        page.locator("#question .stop-button").click()
        page.get_by_text("Stopped before the answer was complete.").wait_for()
        page.wait_for_timeout(2500)
        assert page.locator("#an-1 a.cite").count() < 3
        assert page.locator("#chat .growing").count() == 0
        assert page.locator("#question .submit-button").is_visible()
        assert chatbot.abandoned == 1
        visit.ask(SECOND)
        assert visit.questions() == [QUESTION, SECOND]
        assert visit.surprises == []


def test_retry_answers_the_last_question_again(visit):
    visit.ask(QUESTION)
    visit.ask(SECOND)
    asked = len(visit.chatbot.asked)
    visit.page.get_by_role("button", name="Retry").click()
    visit.wait_until_asked(asked + 1)
    visit.rest()
    playwright.expect(visit.page.locator("#chat .answer")).to_have_count(2)
    assert visit.questions() == [QUESTION, SECOND]


def test_undo_takes_the_question_back_into_the_box(visit):
    visit.ask(QUESTION)
    visit.ask(SECOND)
    visit.page.get_by_role("button", name="Undo").click()
    playwright.expect(visit.page.locator("#question textarea")).to_have_value(SECOND)
    assert visit.questions() == [QUESTION]
    assert visit.page.locator("#ev-2-1").count() == 0


def test_edit_asks_the_changed_question_and_drops_what_followed(visit):
    visit.ask(QUESTION)
    visit.ask(SECOND)
    page = visit.page
    page.get_by_role("button", name="Edit").first.click()
    box = page.locator("#chat textarea")
    assert box.input_value() == QUESTION
    box.fill("Who spoke of a rumour & why <b>?")
    page.get_by_role("button", name="Submit").click()
    page.locator("#an-1", has_text="rumour").wait_for()
    visit.rest()
    assert visit.questions() == ["Who spoke of a rumour & why <b>?"]


def test_clear_begins_a_new_conversation(visit):
    visit.ask(QUESTION)
    visit.page.get_by_role("button", name="Clear").click()
    visit.page.locator("#evidence .empty").wait_for()
    visit.ask(SECOND)
    assert visit.questions() == [SECOND]
    assert visit.page.locator("#an-1 .query").count() == 0


def test_copy_gives_markdown_with_the_sources(browser):
    allowed = ["clipboard-read", "clipboard-write"]
    with visiting(browser, FakeChatbot(), permissions=allowed) as visit:
        visit.ask(QUESTION)
        visit.page.locator(".bot-row").get_by_role("button", name="Copy message").click()
        for _ in range(50):
            copied = visit.page.evaluate("navigator.clipboard.readText()")
            if "Sources:" in copied:
                break
            visit.page.wait_for_timeout(100)
        assert copied.startswith(f"**{QUESTION}**")
        assert "— A Treaty Between Neighbours — Correspondent A" in copied
        assert "<" not in copied


def test_filter_limits_the_answer_to_the_chosen_document(visit):
    page = visit.page
    page.locator("#sources input").click()
    page.get_by_role("option", name="A Treaty Between Neighbours").click()
    visit.ask("soldiers of Pyongyang?")
    titles = page.locator("#evidence .source .title").all_inner_texts()
    assert titles == ["A Treaty Between Neighbours"]


def test_documents_are_listed(visit):
    visit.page.get_by_role("tab", name="Documents").click()
    rows = visit.page.locator("#documents tbody tr")
    playwright.expect(rows).to_have_count(2)
    assert "Troops at the Border" in rows.nth(1).inner_text()


def test_failure_is_one_line_in_the_chat(browser):
    with visiting(browser, FakeChatbot(failure=KeyError("secret-detail"))) as visit:
        visit.ask(QUESTION)
        assert "Something went wrong" in visit.page.locator("#chat .problem").inner_text()
        assert "secret-detail" not in visit.page.content()


def test_buttons_and_answers_have_names_for_screen_readers(visit):
    visit.ask(QUESTION)
    page = visit.page
    assert page.locator("#question .submit-button").get_attribute("aria-label") == "Ask"
    assert page.locator('[data-testid="bot"]').get_attribute("aria-label") == "Answer"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_shows_evidence_below_the_chat_and_nothing_sideways(browser, tmp_path, scheme):
    with visiting(browser, FakeChatbot(), viewport=PHONE, color_scheme=scheme) as visit:
        visit.ask(QUESTION)
        page = visit.page
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        chat, evidence = (page.locator(s).bounding_box() for s in ("#chat", "#evidence"))
        assert evidence["y"] >= chat["y"] + chat["height"]
        page.locator("#chat a.cite").first.click()
        wait_in_view(page, "#ev-1-1")
        page.screenshot(path=tmp_path / f"phone-{scheme}.png")
        assert visit.surprises == []


def _contrasts(page):
    """WCAG contrast ratios of text against what is painted behind it."""
    return page.evaluate(
        """() => {
            const rgb = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
            const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
                .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
            const behind = node => {
                for (; node; node = node.parentElement) {
                    const colour = rgb(getComputedStyle(node).backgroundColor);
                    if (colour.length === 3 || colour[3] === 1) return colour;
                }
            };
            const at = '.how, .lede, .answer p, .checks summary, a.cite, .byline, mark, .back,' +
                ' .note, #evidence p, #evidence summary, .title, [data-testid="user"] p';
            return [...document.querySelectorAll(at)].filter(n => n.innerText).map(node => {
                const pair = [rgb(getComputedStyle(node).color), behind(node)].map(light);
                return [node.className || node.tagName,
                        (Math.max(...pair) + .05) / (Math.min(...pair) + .05)];
            });
        }"""
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(browser, scheme):
    context = {"color_scheme": scheme, "reduced_motion": "reduce"}
    with visiting(browser, FakeChatbot(), **context) as visit:
        visit.ask(QUESTION)
        visit.page.mouse.move(0, 0)
        ratios = _contrasts(visit.page)
    assert len(ratios) > 15
    assert not [(what, round(ratio, 2)) for what, ratio in ratios if ratio < 4.5]


CALLS = (
    "alert(1)",
    "fetch('http://evil.example/')",
    "top.location='http://evil.example/'",
    "window.open('http://evil.example/')",
    "new Image().src='//evil.example/'",
    "eval(atob('YWxlcnQoMSk='))",
)
SHAPES = (
    "<script>{0}</script>",
    "<img src=x onerror={0}>",
    "<img src=http://evil.example/i.png>",
    "<svg/onload={0}>",
    "<svg><script>{0}</script></svg>",
    "<iframe src=javascript:{0}></iframe>",
    "<iframe srcdoc='<script>{0}</script>'></iframe>",
    "<body onload={0}>",
    "<details open ontoggle={0}>",
    "<video><source onerror={0}></video>",
    "<input autofocus onfocus={0}>",
    "<style>@import 'http://evil.example/';</style>",
    "<div style='background:url(http://evil.example/)'>",
    "<link rel=stylesheet href=http://evil.example/>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<base href=http://evil.example/>",
    "<form action=http://evil.example/><button>x</button></form>",
    "<object data=http://evil.example/></object>",
    "<embed src=http://evil.example/>",
    "<math><mtext><img src=x onerror={0}></mtext></math>",
    "</p></div></details></mark><script>{0}</script>",
    '"><script>{0}</script>',
    "' onmouseover={0} '",
    '" autofocus onfocus={0} x="',
    "<!--><img src=x onerror={0}>-->",
    "<noscript><p title='</noscript><img src=x onerror={0}>'>",
    "[x](javascript:{0})",
    "![x](http://evil.example/i.png)",
    "![x](javascript:{0})",
    "[x]: http://evil.example\n\n[x]",
    "<javascript:{0}>",
    "<http://evil.example>",
    "http://evil.example/?{0} www.evil.example",
    "`<img src=x onerror={0}>`",
    "```html\n<script>{0}</script>\n```",
    "```mermaid\ngraph LR; A-->B[<img src=x onerror={0}>]\n```",
    "    <script>{0}</script>",
    "&lt;script&gt;{0}&lt;/script&gt;",
    "&#60;img src=x onerror={0}&#62;",
    "\\<script>{0}\\</script>",
    "$$\\href{{javascript:{0}}}{{x}}$$ $x$ \\(x\\) \\[x\\]",
    "$$\\includegraphics{{http://evil.example/i.png}}$$",
    "${{{0}}}",
    "{{{{#each value}}}}{0}{{{{/each}}}} {{{{value}}}} {{{{{{value}}}}}}",
    "`${{{0}}}`",
    "@children",
    "<a href=javascript:{0} id=an-1>x</a>",
    "<mark id=ev-1-1>x</mark>",
    "<gradio-app src=http://evil.example></gradio-app>",
    "<think>{0}</think>",
    "| a | b |\n|---|---|\n| <img src=x onerror={0}> | x |",
    "\u202e<img src=x onerror={0}>\u2066 \x00 \x1b[2J",
)
PAYLOADS = tuple(dict.fromkeys(shape.format(call) for shape in SHAPES for call in CALLS))


class HostileChatbot(FakeChatbot):
    """Puts hostile text into every field of documents and answers that a page shows."""

    def __init__(self):
        self.text = "\n\n".join(payload.replace("\n", " ") for payload in PAYLOADS)
        everything = " ".join(PAYLOADS[:80])
        named = Document("d'<x>", self.text, everything, everything, everything, "<i>2024")
        super().__init__([named, *(Document(p, p, p) for p in PAYLOADS[:40])])
        self.model = PAYLOADS[0]

    def stream(self, question, *, history=(), sources=None):
        document = self.documents()[0]
        markers = "\n\n".join(f"{payload} [{n}]" for n, payload in enumerate(PAYLOADS, start=1))
        start = Answer(question, markers, False, "generative", "m", query=PAYLOADS[4] + question)
        answer = replace(
            start,
            citations=tuple(self._cited(document)),
            claims=tuple(Claim(p, "partly", (1,), (p, p)) for p in PAYLOADS),
            passages=tuple(Passage(document.id, 0, 9, p, 0.5) for p in PAYLOADS[:3]),
            notes=PAYLOADS,
        )
        if history:
            abstained = replace(answer, text=question, abstained=True, citations=(), notes=())
            yield replace(abstained, claims=())
            return
        yield replace(answer, text=markers[:200], final=False)
        yield answer

    def _cited(self, document):
        place = 0
        for number, payload in enumerate(PAYLOADS, start=1):
            quote = payload.replace("\n", " ").strip()
            place = self.text.index(quote, place)
            kept = (document.id, document.title, document.author, document.publisher, document.date)
            yield Citation(number, *kept, "brief", quote, place, place + len(quote), 0.5)


def test_hostile_text_in_every_field_opens_no_dialog_and_no_connection(browser):
    assert len(PAYLOADS) >= 200
    with visiting(browser, HostileChatbot()) as visit:
        page = visit.page
        everything = "\n".join(SHAPES)[:3900]
        for question in (everything, *PAYLOADS[::29]):
            visit.ask(question)
        page.locator("#chat .checks").last.scroll_into_view_if_needed()
        for cite in page.locator("#an-1 a.cite").all()[::40]:
            cite.click()
        page.get_by_role("tab", name="Documents").click()
        playwright.expect(page.locator("#documents tbody tr")).to_have_count(41)
        page.wait_for_timeout(1000)
        inside = "#chat .message, #evidence .html-container, #documents"
        tags = page.locator(inside).evaluate_all(
            "nodes => nodes.flatMap(n => [...n.querySelectorAll('*')]).map(n => n.tagName)"
        )
        links = page.locator("#chat a, #evidence a").evaluate_all(
            "nodes => nodes.map(n => n.getAttribute('href'))"
        )
        assert visit.surprises == []
    assert not set(tags) & set("SCRIPT IMG IFRAME STYLE LINK META BASE FORM OBJECT EMBED".split())
    assert links
    assert not [link for link in links if not re.fullmatch(r"#(ev-\d+-\d+|an-\d+)", link)]


def test_hostile_question_is_shown_and_edited_as_it_was_typed(browser):
    typed = "Is <b>5 * 4</b> [x](javascript:alert(1)) & `y` https://evil.example ok?"
    with visiting(browser, FakeChatbot()) as visit:
        visit.ask(typed)
        assert visit.questions() == [typed]
        visit.page.get_by_role("button", name="Edit").first.click()
        visit.page.get_by_role("button", name="Submit").click()
        visit.rest()
        visit.page.wait_for_timeout(500)
        assert visit.questions() == [typed]
        assert visit.surprises == []
