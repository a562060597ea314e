"""The command line: every command mirrors a function of the Python API.

Errors are one line on stderr and exit status 2. With ``--json``, stdout holds JSON and nothing
else.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from rag.config import Settings, load_settings
from rag.errors import InputError, RagError
from rag.types import Answer, Message, Passage

app = typer.Typer(
    name="rag",
    help="Ask news articles; every answer cites the words it rests on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Index = Annotated[Path | None, typer.Option("--index", help="Folder of the index (RAG_INDEX).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Batch = Annotated[Path | None, typer.Option("--batch", help="JSONL file of requests.")]
Out = Annotated[Path | None, typer.Option("--out", help="JSONL file for the results.")]
Source = Annotated[
    list[str] | None, typer.Option("--source", help="Only this document id; may be repeated.")
]
TopK = Annotated[int | None, typer.Option("--top-k", min=1, max=100, help="How many passages.")]

Record = dict[str, Any]


@app.command("index")
def index_command(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders.")] = None,
    rebuild: Annotated[
        bool, typer.Option(help="Make the index anew, keeping its documents.")
    ] = False,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Add or update files, folders and .jsonl records; without a path, the seeds."""
    from rag.api import index_documents

    with _Counter("indexing") as counter:
        report = index_documents(
            paths or [], settings=_settings(index), rebuild=rebuild, progress=counter.step
        )
    groups = {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
    }
    if as_json:
        problems = [{"path": path, "problem": why} for path, why in report.problems]
        _print_json({**{k: list(v) for k, v in groups.items()}, "problems": problems})
        return
    for path, why in report.problems:
        typer.echo(f"skipped {path}: {why}", err=True)
    for name in ("added", "changed"):
        for document in groups[name]:
            typer.echo(f"{name} {document}")
    typer.echo(", ".join(f"{len(ids)} {name}" for name, ids in groups.items()))


@app.command("remove")
def remove_command(
    documents: Annotated[list[str], typer.Argument(help="Document ids, as `rag sources` lists.")],
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Delete documents with their text and vectors."""
    from rag.api import remove_documents

    report = remove_documents(documents, settings=_settings(index))
    if as_json:
        _print_json({"removed": list(report.removed)})
    else:
        typer.echo(f"removed {', '.join(report.removed)}")


@app.command("sources")
def sources_command(index: Index = None, as_json: AsJson = False) -> None:
    """List the indexed documents."""
    from rag.api import list_sources

    rows = list_sources(settings=_settings(index))
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        about = [row["title"], row["author"], row["publisher"], row["date"], row["kind"]]
        typer.echo(f"{row['id']}: {' · '.join(filter(None, about))} · {row['chunks']} chunks")


@app.command("check")
def check_command(index: Index = None, as_json: AsJson = False) -> None:
    """Verify the index against its documents; exit status 1 when something is wrong."""
    from rag.api import check_index

    problems = check_index(settings=_settings(index))
    if as_json:
        _print_json({"ok": not problems, "problems": problems})
    elif problems:
        for problem in problems:
            typer.echo(problem, err=True)
    else:
        typer.echo("the index is sound: store, words and vectors agree")
    raise typer.Exit(1 if problems else 0)


@app.command("ask")
def ask_command(
    question: Annotated[str | None, typer.Argument(help="Leave out for a session.")] = None,
    source: Source = None,
    batch: Batch = None,
    out: Out = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question, a file of questions, or an interactive session."""
    from rag.api import open_chatbot
    from rag.rendering import answer_json

    with open_chatbot(settings=_settings(index)) as bot:
        if batch:

            def answer(record: Record) -> Record:
                turns = [Message(role, text) for role, text in record.get("history") or []]
                reply = bot.ask(record["question"], history=turns, sources=source)
                return {**answer_json(reply), "id": record["id"]}

            _run_batch(batch, out, answer, ("id", "question"))
        elif question is None:
            _converse(bot.ask, source)
        else:
            answer_now = bot.ask(question, sources=source)
            if as_json:
                _print_json(answer_json(answer_now))
            else:
                typer.echo(str(answer_now))


@app.command("search")
def search_command(
    query: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    top_k: TopK = None,
    source: Source = None,
    batch: Batch = None,
    out: Out = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """List the passages that bear on a query, best first."""
    from rag.api import open_chatbot

    with open_chatbot(settings=_settings(index)) as bot:
        if batch:

            def found(record: Record) -> Record:
                passages = bot.search(record["query"], top_k=top_k, sources=source)
                return {"id": record["id"], "passages": [_passage(p) for p in passages]}

            _run_batch(batch, out, found, ("id", "query"))
            return
        if query is None:
            raise InputError("give a query, or --batch with a file of them")
        passages = bot.search(query, top_k=top_k, sources=source)
        if as_json:
            _print_json({"query": query, "passages": [_passage(p) for p in passages]})
            return
        for passage in passages:
            typer.echo(f"{passage.score:.3f} {passage.document}:{passage.start}-{passage.end}")
            typer.echo(f"      {' '.join(passage.text.split())}\n")


@app.command("read")
def read_command(
    batch: Annotated[Path, typer.Option("--batch", help="JSONL of id, question and text.")],
    out: Out = None,
) -> None:
    """Answer each question from the text beside it alone; needs no index."""
    from dataclasses import asdict

    from rag.api import open_text_reader

    read = open_text_reader()
    _run_batch(
        batch,
        out,
        lambda record: {"id": record["id"], **asdict(read(record["question"], record["text"]))},
        ("id", "question", "text"),
    )


@app.command("verify")
def verify_command(
    batch: Annotated[Path, typer.Option("--batch", help="JSONL of id, claim and evidence.")],
    out: Out = None,
) -> None:
    """Tell whether the evidence supports the claim beside it; needs no index."""
    from dataclasses import asdict

    from rag.verification import verify

    _run_batch(
        batch,
        out,
        lambda record: {"id": record["id"], **asdict(verify(record["claim"], record["evidence"]))},
        ("id", "claim", "evidence"),
    )


@app.command("quote")
def quote_command(
    quote: Annotated[str, typer.Argument(help="The words somebody is said to have used.")],
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Tell who said it and where, word for word or altered, or that no document holds it."""
    from dataclasses import asdict

    from rag.api import find_quotes

    matches = find_quotes(quote, settings=_settings(index))
    if as_json:
        _print_json({"quote": quote, "matches": [asdict(m) for m in matches]})
        return
    if not matches:
        typer.echo("not in the indexed documents")
    for match in matches:
        speaker = f" · {match.speaker}" if match.speaker else ""
        typer.echo(f"{match.status}: {match.document}:{match.start}-{match.end}{speaker}")
        typer.echo(f"  “{' '.join(match.quote.split())}”")
        for change in match.differences:
            typer.echo(f"  you have “{change.asked}”, the document has “{change.found}”")


# ---------------------------------------------------------------------- plumbing


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; a ``RagError`` becomes one line."""
    import click

    try:
        app(args=arguments, standalone_mode=False)
    except RagError as error:
        typer.echo(f"rag: {' '.join(str(error).split())}", err=True)
        return 2
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        typer.echo(f"rag: {error.format_message()}; see `rag --help`", err=True)
        return 2
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        return 141
    return 0


def _settings(index: Path | None) -> Settings:
    return load_settings(index=index)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _passage(passage: Passage) -> Record:
    from dataclasses import asdict

    return asdict(passage)


def _converse(ask: Callable[..., Answer], sources: Sequence[str] | None) -> None:
    """Answer line by line until the input ends; earlier turns are remembered."""
    history: list[Message] = []
    typer.echo("Ask about the articles; an empty line or Ctrl-D ends.", err=True)
    while True:
        try:
            question = input("> ").strip()
        except EOFError:
            return
        if not question:
            return
        try:
            answer = ask(question, history=tuple(history), sources=sources)
        except RagError as error:
            typer.echo(f"rag: {error}", err=True)
            continue
        typer.echo(f"{answer}\n")
        history += [Message("user", question), Message("assistant", answer.text)]


def _run_batch(
    path: Path, out: Path | None, work: Callable[[Record], Record], fields: Sequence[str]
) -> None:
    """Work through a JSONL file; results come in its order, to ``out`` or stdout.

    The whole file is checked before the first record is worked on.
    """
    records = list(_records(path, fields))
    with _Counter(f"{path.name}: {len(records)} records, done") as counter:
        lines = (_line(work, record, counter) for record in records)
        if out is None:
            for line in lines:
                typer.echo(line)
        else:
            out.parent.mkdir(parents=True, exist_ok=True)
            with out.open("w", encoding="utf-8") as sink:
                sink.writelines(line + "\n" for line in lines)


def _line(work: Callable[[Record], Record], record: Record, counter: _Counter) -> str:
    try:
        result = work(record)
    except RagError as error:  # one bad record does not lose the others
        result = {"id": record["id"], "error": str(error)}
    counter.step("")
    return json.dumps(result, ensure_ascii=False)


def _records(path: Path, fields: Sequence[str]) -> Iterator[Record]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _record(line, f"{path}:{number}", fields)


def _record(line: str, where: str, fields: Sequence[str]) -> Record:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"{where}: expected a JSON object, found {error}") from error
    if not isinstance(record, dict):
        raise InputError(f"{where}: expected a JSON object, found {type(record).__name__}")
    if "query" in fields and "query" not in record:  # a file of questions can be searched too
        record = {**record, "query": record.get("question")}
    for field in fields:
        if not isinstance(record.get(field), str | int):
            found = "nothing" if record.get(field) is None else repr(record[field])[:40]
            raise InputError(f"{where}: expected a string in {field!r}, found {found}")
    return {**record, **{f: str(record[f]) for f in fields if f != "id"}}


class _Counter:
    """Shows on a terminal how many are done, with the rate; elsewhere it stays silent."""

    def __init__(self, what: str) -> None:
        import time

        self._what, self._done, self._clock = what, 0, time.monotonic
        self._started = self._shown = self._clock()
        self._visible = sys.stderr.isatty()

    def step(self, _: str) -> None:
        self._done += 1
        if self._visible and self._clock() - self._shown > 0.1:
            self._shown = self._clock()
            rate = self._done / (self._shown - self._started)
            print(f"\r{self._what} {self._done} ({rate:.1f}/s)", end="", file=sys.stderr)  # noqa: T201

    def __enter__(self) -> _Counter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._visible and self._done:
            print("\r\033[K", end="", file=sys.stderr)  # noqa: T201
