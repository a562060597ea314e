"""The check tab in a real browser: verdicts with their marked words, and what text cannot do."""

import re

import pytest
from fake_chatbot import DOCUMENTS, FakeChatbot
from test_browser import PAYLOADS, HostileChatbot
from visitors import IN_A_BROWSER, PHONE, playwright, visiting

pytestmark = IN_A_BROWSER

QUOTE = "They called it a threat to the peninsula."
PASTED = f"""“{QUOTE}” Seoul said.
“Beijing kept silent for … days”
“The text was signed in May 2024, during a state visit”
Officials in Seoul asked for the wording of the whole clause.
Nobody ever painted the bridge at Tumen green."""


def open_tab(visit):
    visit.page.get_by_role("tab", name="Check").click()
    visit.page.locator("#pasted textarea").wait_for()


def check(visit, text):
    page = visit.page
    page.locator("#pasted textarea").fill(text)
    shown = page.locator("#checked :is(.empty, .tally, .problem)").first
    shown.evaluate("node => { node.dataset.old = 1; }")
    page.get_by_role("button", name="Check", exact=True).click()
    playwright.expect(page.locator("#checked [data-old]")).to_have_count(0, timeout=20_000)
    page.locator("#checked :is(.tally, .problem)").wait_for()


def outcomes(visit):
    return visit.page.locator(".checked .found .verdict").all_inner_texts()


def test_pasted_text_gets_a_verdict_and_marked_words_for_each_of_its_parts(browser, tmp_path):
    with visiting(browser, FakeChatbot(), viewport={"width": 1280, "height": 900}) as visit:
        page = visit.page
        open_tab(visit)
        page.screenshot(path=tmp_path / "empty.png")
        check(visit, PASTED)
        page.locator(".checked").nth(4).wait_for()
        words = [text.split(" ", 1)[1] for text in outcomes(visit)]
        assert words[:3] == ["word for word", "with omissions", "nearly"]
        assert words[4] == "not enough"
        assert page.locator("#ev-c1-1").inner_text().removeprefix("1") == QUOTE.rstrip(".")
        first = page.locator("#an-c1")
        assert DOCUMENTS[0].title in first.inner_text()
        assert "Officials in Seoul asked" in first.inner_text(), "its surroundings are shown"
        assert "What came nearest" in page.locator("#an-c5").inner_text()
        assert page.locator("#an-c5 mark").count() == 1
        page.screenshot(path=tmp_path / "checked.png", full_page=True)
        assert visit.surprises == []


def test_filter_limits_the_check_and_a_wrong_text_is_one_line(browser):
    with visiting(browser, FakeChatbot()) as visit:
        page = visit.page
        open_tab(visit)
        check(visit, "  ")
        assert "nothing to check" in page.locator("#checked .problem").inner_text()
        check(visit, "x" * 4_001)
        assert "4,001 characters" in page.locator("#checked .problem").inner_text()
        assert len(page.locator("#pasted textarea").input_value()) == 4_001, "nothing is lost"
        page.locator("#check-sources input").click()
        page.get_by_role("option", name=DOCUMENTS[1].title).click()
        page.keyboard.press("Escape")
        check(visit, f"“{QUOTE}”")
        assert [text.split(" ", 1)[1] for text in outcomes(visit)] == ["not found"]
        assert visit.surprises == []


def test_bug_is_one_line_that_tells_nothing(browser):
    with visiting(browser, FakeChatbot(failure=KeyError("secret-detail"))) as visit:
        open_tab(visit)
        check(visit, QUOTE)
        assert "Something went wrong" in visit.page.locator("#checked .problem").inner_text()
        assert "secret-detail" not in visit.page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_shows_the_tab_with_nothing_sideways(browser, tmp_path, scheme):
    with visiting(browser, FakeChatbot(), viewport=PHONE, color_scheme=scheme) as visit:
        page = visit.page
        open_tab(visit)
        check(visit, f"{PASTED}\n“{'verylongword' * 20}”")
        page.locator(".checked").nth(5).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.screenshot(path=tmp_path / f"phone-{scheme}.png", full_page=True)
        assert visit.surprises == []


def test_hostile_text_opens_no_dialog_and_no_connection(browser):
    with visiting(browser, HostileChatbot()) as visit:
        page = visit.page
        open_tab(visit)
        for text in ("\n".join(PAYLOADS[::18][:12])[:3_900], *PAYLOADS[5::97]):
            check(visit, f"“{text}” — or not?")
        page.wait_for_timeout(500)
        tags = page.locator("#checked").evaluate_all(
            "nodes => nodes.flatMap(n => [...n.querySelectorAll('*')]).map(n => n.tagName)"
        )
        links = page.locator("#checked a").evaluate_all(
            "nodes => nodes.map(n => n.getAttribute('href'))"
        )
        assert visit.surprises == []
    assert not set(tags) & set("SCRIPT IMG IFRAME STYLE LINK META BASE FORM OBJECT EMBED".split())
    assert not [link for link in links if not re.fullmatch(r"#an-c\d+", link)]
