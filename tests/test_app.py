"""The served app: what programs can call, what it refuses, and what it sends with every page."""

import asyncio
import html
import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fake_chatbot import DOCUMENTS, FakeChatbot
from serving import GRADIO_WARNINGS, served

from rag.config import Settings
from rag.conversation import (
    STOPPED,
    UNEXPECTED,
    Turn,
    chat_messages,
    growing,
    history,
    stopped,
)
from rag.errors import ChatModelTimeout, ConfigError
from rag.types import Message
from rag.web import (
    MAX_BODY_BYTES,
    MAX_FILE_MEGABYTES,
    MAX_UPLOAD_BYTES,
    Guard,
    hostname,
    may_upload,
)

pytestmark = [*GRADIO_WARNINGS]

QUESTION = "How many soldiers were in the Kursk region?"


@pytest.fixture(scope="module")
def chatbot():
    return FakeChatbot()


@pytest.fixture(scope="module")
def address(chatbot):
    with served(chatbot) as address:
        yield address


@pytest.fixture(scope="module")
def client(address):
    from gradio_client import Client

    return Client(address, verbose=False, analytics_enabled=False)


def test_program_asks_and_gets_the_answer_with_its_citations(client):
    answer = client.predict(QUESTION, api_name="/ask")
    assert answer["question"] == QUESTION
    assert not answer["abstained"]
    first = answer["citations"][0]
    source = next(d for d in DOCUMENTS if d.id == first["document"])
    assert source.text[first["start"] : first["end"]] == first["quote"]
    assert "[1]" in answer["answer"]


def test_program_limits_an_answer_to_sources(client):
    answer = client.predict("soldiers in Pyongyang treaty", ["pact"], api_name="/ask")
    assert {citation["document"] for citation in answer["citations"]} == {"pact"}


def test_program_searches(client):
    (passage,) = client.predict("Kursk", 1, api_name="/search")
    assert passage["document"] == "kursk"
    assert set(passage) == {"document", "start", "end", "text", "score"}


def test_program_lists_the_sources(client):
    assert client.predict(api_name="/list_sources")[1] == {
        "id": "kursk",
        "title": "Troops at the Border",
        "author": "Correspondent B",
        "publisher": None,
        "date": "2024-11-01",
        "kind": "brief",
        "chunks": 2,
    }


def test_curl_gets_an_answer_in_two_requests(address):
    call = httpx.post(f"{address}/gradio_api/call/ask", json={"data": [QUESTION, None]})
    with httpx.stream("GET", f"{address}/gradio_api/call/ask/{call.json()['event_id']}") as reply:
        assert "event: complete" in reply.read().decode()


def test_curl_may_leave_out_what_has_a_default(address):
    call = httpx.post(f"{address}/gradio_api/call/ask", json={"data": [QUESTION]})
    with httpx.stream("GET", f"{address}/gradio_api/call/ask/{call.json()['event_id']}") as reply:
        assert "event: complete" in reply.read().decode()


def test_program_asks_a_follow_up(client, chatbot):
    history = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "Some 8,000 [1]"},
    ]
    answer = client.predict("And who said so?", None, history, api_name="/ask")
    assert answer["query"] != answer["question"]
    assert chatbot.asked[-1][1] == (
        Message("user", QUESTION),
        Message("assistant", "Some 8,000 [1]"),
    )


@pytest.mark.parametrize(
    ("history", "where"),
    [
        ({"role": "user"}, "history: expected a list of"),
        ([{"role": "user", "content": "a"}, ["user", "a"]], "history, item 2: expected a list of"),
        ([{"role": "system", "content": "a"}], "history, item 1: .* found {'role': 'system'"),
        ([{"role": "user", "content": 1}], "history, item 1"),
        ([{"role": "user", "content": " "}], "history, item 1"),
        (["a"], "found 'a'"),
    ],
)
def test_program_is_told_what_is_wrong_with_the_history(client, history, where):
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match=where) as caught:
        client.predict("And who?", None, history, api_name="/ask")
    assert "\n" not in str(caught.value)


def test_program_looks_a_quotation_up(client):
    quote = "Pyongyang denied sending … a rumour"
    (found,) = client.predict(quote, api_name="/find_quotes")
    source = next(d for d in DOCUMENTS if d.id == found["document"])
    assert source.text[found["start"] : found["end"]] == found["quote"]
    assert found["status"] == "altered"
    assert [d["elided_words"] for d in found["differences"]] == [4]
    assert client.predict("nobody ever said this", api_name="/find_quotes") == []


def test_program_is_told_that_a_quotation_is_empty(client):
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match="the quote is empty"):
        client.predict(" ", api_name="/find_quotes")


def test_program_checks_a_quotation_and_a_claim(client):
    text = "“They called it a threat to the peninsula.”\nNobody painted the Tumen bridge green."
    quoted, claimed = client.predict(text, api_name="/check")
    assert (quoted["kind"], quoted["outcome"]) == ("quotation", "exact")
    cited = quoted["places"][0]["citation"]
    source = next(d for d in DOCUMENTS if d.id == cited["document"])
    assert source.text[cited["start"] : cited["end"]] == cited["quote"]
    assert (claimed["kind"], claimed["outcome"]) == ("claim", "not_enough")
    (elsewhere, _) = client.predict(text, ["kursk"], api_name="/check")
    assert elsewhere["outcome"] == "not_found"


@pytest.mark.parametrize(
    ("text", "said"), [(" ", "nothing to check"), ("x" * 4_001, "4,001 char"), (None, "a string")]
)
def test_program_is_told_why_a_text_cannot_be_checked(client, text, said):
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match=said):
        client.predict(text, api_name="/check")


def test_only_these_functions_are_published(client):
    published = client.view_api(return_format="dict", print_info=False)
    assert sorted(published["named_endpoints"]) == [
        *("/ask", "/check", "/find_quotes", "/list_sources", "/search")
    ]
    assert not published["unnamed_endpoints"]


def test_program_is_told_in_one_line_what_is_wrong(client):
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match="the question is too long"):
        client.predict("x" * 4001, api_name="/ask")


def test_program_is_not_told_what_a_bug_said():
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    with served(FakeChatbot(failure=KeyError("secret-detail"))) as address:
        client = Client(address, verbose=False, analytics_enabled=False)
        with pytest.raises(AppError) as caught:
            client.predict(QUESTION, api_name="/ask")
    assert "secret-detail" not in str(caught.value)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", ""]
)
def test_foreign_host_header_is_refused(address, host):
    assert httpx.get(address, headers={"host": host}).status_code == 400


@pytest.fixture(scope="module")
def closed(chatbot):
    """The address of an app whose documents nobody may change."""
    with served(chatbot, uploads="off") as address:
        yield address


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/upload", "/gradio_api/upload_progress"])
def test_upload_is_refused_where_it_is_off(closed, path):
    assert httpx.post(closed + path, files={"files": b"x"}).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/upload", "/gradio_api/upload/", "/gradio_api/uploads", "/gradio_api/upload%2f..%2fx"],
)
def test_upload_has_one_way_in(address, path):
    assert httpx.post(address + path, files={"files": b"x"}).status_code in (403, 404)


def uploaded(address, *files, **headers):
    """Send files as a page does; return the reply and the files that the server kept."""
    parts = [("files", file) for file in files]
    return httpx.post(f"{address}/gradio_api/upload", files=parts, headers=headers, timeout=60)


def test_upload_keeps_a_file_in_the_folder_for_temporary_files_whatever_its_name(address):
    folder = Path(os.environ["GRADIO_TEMP_DIR"]).resolve()
    names = [
        "../../up.txt",
        "/etc/up.txt",
        "..\\..\\up.txt",
        "a/../../../up.txt",
        "%2e%2e%2fup.txt",
    ]
    reply = uploaded(address, *((name, b"text") for name in names))
    assert reply.status_code == 200
    for kept in map(Path, reply.json()):
        assert kept.resolve().is_relative_to(folder)
        kept.unlink(missing_ok=True)


def test_upload_of_a_large_file_is_refused_and_not_kept(address):
    large = ("large.txt", b"x" * (MAX_FILE_MEGABYTES * 1024 * 1024 + 1))
    assert uploaded(address, large).status_code == 413


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://[", "https://localhost"]
)
def test_page_of_another_site_cannot_send_anything(address, origin):
    file = ("a.txt", b"text")
    assert uploaded(address, file, origin=origin).status_code == 403
    call = {"data": [QUESTION, None]}
    asked = httpx.post(f"{address}/gradio_api/call/ask", json=call, headers={"origin": origin})
    assert asked.status_code == 403


def test_own_page_can_send(address):
    call = {"data": [QUESTION, None]}
    asked = httpx.post(f"{address}/gradio_api/call/ask", json=call, headers={"origin": address})
    assert asked.status_code == 200


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        ({}, True),
        ({"host": "localhost"}, True),
        ({"uploads": "off"}, False),
        ({"host": "0.0.0.0"}, False),
        ({"host": "0.0.0.0", "uploads": "on"}, True),
    ],
)
def test_documents_can_be_changed_from_this_machine_unless_a_setting_says_otherwise(
    settings, allowed
):
    assert may_upload(Settings(**settings)) is allowed


def test_large_body_is_refused_whether_announced_or_not(address):
    url = f"{address}/gradio_api/call/ask"
    pieces = (b"x" * 100_000 for _ in range(MAX_BODY_BYTES // 100_000 + 1))
    assert httpx.post(url, content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413
    assert httpx.post(url, content=pieces).status_code in (400, 413)


@pytest.mark.parametrize(
    "path", ["/", "/config", "/gradio_api/info", "/missing", "/gradio_api/upload"]
)
def test_every_response_has_the_security_headers(address, path):
    headers = httpx.get(address + path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=.env",
        "/gradio_api/file=../pyproject.toml",
        "/gradio_api/file/%2e%2e/%2e%2e/etc/passwd",
        "/static/../../../../etc/passwd",
        "/assets/%2e%2e%2f%2e%2e%2fapp.py",
        "/gradio_api/proxy=http://evil.example/",
        "/gradio_api/file=http://evil.example/",
        "/docs",
        "/monitoring/summary",
    ],
)
def test_nothing_but_the_page_is_served(address, path):
    assert httpx.get(address + path).status_code in (400, 403, 404)


def test_page_names_no_other_site_to_load_from(address):
    page = httpx.get(address).text
    loaded = [part.split('"')[0] for part in page.split('src="')[1:] + page.split('href="')[1:]]
    assert not [url for url in loaded if url.startswith(("http:", "https:", "//"))]


def test_other_machines_are_refused_without_a_password(chatbot):
    with (
        pytest.raises(ConfigError, match="RAG_AUTH=user:password"),
        served(chatbot, host="0.0.0.0"),
    ):
        pass


@pytest.mark.parametrize("auth", ["nocolon", ":", "user:", ":password"])
def test_incomplete_password_setting_is_refused_without_showing_it(chatbot, auth):
    with pytest.raises(ConfigError) as caught, served(chatbot, auth=auth):
        pass
    assert "RAG_AUTH" in str(caught.value)
    assert "nocolon" not in str(caught.value)


def test_password_guards_the_page_and_the_functions(chatbot):
    with served(chatbot, auth="reader:pass:word") as address:
        assert httpx.get(f"{address}/config").status_code == 401
        assert httpx.post(f"{address}/gradio_api/call/ask", json={"data": []}).status_code == 401
        login = {"username": "reader", "password": "pass:word"}
        assert httpx.post(f"{address}/login", data=login).status_code == 200


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
@pytest.mark.allow_hosts(["127.0.0.1", "::1", "::"])  # gradio looks whether it is up
@pytest.mark.parametrize("settings", [{"host": "::1"}, {"host": "::", "auth": "reader:word"}])
def test_page_is_served_on_ipv6(chatbot, settings):
    with served(chatbot, **settings) as address:
        assert address.startswith(f"http://[{settings['host']}]:")
        page = f"http://[::1]:{address.rpartition(':')[2]}"
        reply = httpx.get(page, trust_env=False)
        assert reply.status_code == 200
        assert "gradio" in reply.text


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
def test_port_that_is_in_use_beside_ipv6_is_named(chatbot, address):
    port = int(address.rpartition(":")[2])
    with (
        pytest.raises(ConfigError, match=f"127.0.0.1 port {port} cannot be used"),
        served(chatbot, host="::1", port=port),
    ):
        pass


def test_port_in_use_is_named(chatbot, address):
    port = int(address.rpartition(":")[2])
    with (
        pytest.raises(ConfigError, match=f"port {port} cannot be used"),
        served(chatbot, port=port),
    ):
        pass


def test_command_says_a_wrong_setting_in_one_line(tmp_path):
    app = Path(__file__).parent.parent / "app.py"
    variables = {"PATH": "", "HOME": str(tmp_path), "RAG_PORT": "none"}
    done = subprocess.run(
        [sys.executable, app], capture_output=True, text=True, cwd=tmp_path, env=variables
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: setting RAG_PORT")
    assert done.stderr.count("\n") == 1


# Conversations: no server needed.


def whole(chatbot, *questions):
    turns = ()
    for question in questions:
        *_, last = growing(chatbot, question, turns, [])
        turns = (*turns, last)
    return turns


def test_conversation_passes_earlier_turns_on():
    chatbot = FakeChatbot()
    whole(chatbot, QUESTION, "What about Beijing?")
    asked, given, _ = chatbot.asked[1]
    assert asked == "What about Beijing?"
    assert given[0] == Message("user", QUESTION)
    assert given[1].role == "assistant"
    assert "Kursk" in given[1].text


def test_turn_grows_until_it_is_done():
    steps = list(growing(FakeChatbot(), QUESTION, (), []))
    assert steps[0] == Turn(QUESTION)
    assert [step.done for step in steps] == [False] * (len(steps) - 1) + [True]
    lengths = [len(step.answer.text) for step in steps[1:]]
    assert lengths == sorted(lengths)


def test_sources_are_passed_on():
    chatbot = FakeChatbot()
    list(growing(chatbot, QUESTION, (), ["kursk"]))
    assert chatbot.asked[0][2] == {"kursk"}


def test_expected_error_becomes_one_line_of_the_chat():
    (turn,) = whole(FakeChatbot(failure=ChatModelTimeout("the model took 60 s")), QUESTION)
    assert "the model took 60 s" in html.unescape(chat_messages((turn,))[1]["content"])


def test_bug_is_logged_and_not_shown(caplog):
    (turn,) = whole(FakeChatbot(failure=KeyError("secret-detail")), QUESTION)
    shown = html.unescape(chat_messages((turn,))[1]["content"])
    assert UNEXPECTED in shown
    assert "secret-detail" not in shown
    assert "secret-detail" in caplog.text
    assert QUESTION not in caplog.text


def test_stopped_turn_keeps_what_there_is_and_says_so():
    partial = list(growing(FakeChatbot(), QUESTION, (), []))[1]
    (turn,) = stopped((partial,))
    shown = chat_messages((turn,))[1]["content"]
    assert "#ev-1-1" in shown
    assert STOPPED in html.unescape(shown)
    assert "growing" not in shown


def test_finished_turn_is_not_marked_as_stopped():
    turns = whole(FakeChatbot(), QUESTION)
    assert stopped(turns) == turns
    assert stopped(()) == ()


def test_unanswered_turn_is_left_out_of_the_history():
    (done,) = whole(FakeChatbot(), QUESTION)
    assert len(history((Turn("lost"), done, replace(done, answer=None)))) == 2


def test_growth_that_is_given_up_closes_the_answer():
    chatbot = FakeChatbot()
    steps = growing(chatbot, QUESTION, (), [])
    next(steps), next(steps)
    steps.close()
    assert chatbot.abandoned == 1


# The guard by itself.


async def _answered(scope_changes, **options):
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/", "headers": [(b"host", b"localhost:1")], **scope_changes}
    await Guard(app, **options)(scope, receive, send)
    return sent[0]["status"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"headers": [(b"Host", b"[::1]:7860")]}, 200),
        ({"headers": []}, 400),
        ({"headers": [(b"host", b"[::1")]}, 400),
        ({"headers": [(b"host", b"localhost"), (b"content-length", b"-1")]}, 413),
        ({"headers": [(b"host", b"localhost"), (b"content-length", b"x")]}, 413),
    ],
)
def test_guard_decides_by_the_headers(changes, status):
    assert asyncio.run(_answered(changes)) == status


@pytest.mark.parametrize(
    ("uploads", "path", "length", "status"),
    [
        (True, "/gradio_api/upload", MAX_UPLOAD_BYTES, 200),
        (True, "/gradio_api/upload", MAX_UPLOAD_BYTES + 1, 413),
        (True, "/gradio_api/queue/join", MAX_BODY_BYTES + 1, 413),
        (False, "/gradio_api/upload", 1, 403),
    ],
)
def test_guard_takes_more_where_files_are_sent_and_nowhere_else(uploads, path, length, status):
    headers = [(b"host", b"localhost"), (b"content-length", b"%d" % length)]
    scope = {"path": path, "method": "POST", "headers": headers}
    assert asyncio.run(_answered(scope, uploads=uploads)) == status


def test_guard_lets_other_events_through():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(Guard(app)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]


@pytest.mark.parametrize(
    ("host", "name"),
    [("localhost:80", "localhost"), ("LOCALHOST", "localhost"), ("[::1]:80", "::1"), ("[", "")],
)
def test_hostname_is_read_without_the_port(host, name):
    assert hostname(host) == name


def test_many_askers_at_once_each_get_their_own_answer(address):
    from gradio_client import Client

    words = ["Kursk", "Beijing", "Tumen", "rumour", "wording", "spring"]
    got = {}

    def ask(word):
        client = Client(address, verbose=False, analytics_enabled=False)
        got[word] = client.predict(f"{word} please", api_name="/ask")

    threads = [threading.Thread(target=ask, args=(word,)) for word in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {word: answer["question"] for word, answer in got.items()} == {
        word: f"{word} please" for word in words
    }
    assert all(word in answer["answer"] for word, answer in got.items())
