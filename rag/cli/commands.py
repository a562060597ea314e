"""The commands, as Typer reads them: arguments in, API call, result out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag.cli.batch import Record, history_of, run_batch
from rag.cli.progress import IngestProgress
from rag.cli.terminal import converse, print_json, to_json
from rag.config import Settings, load_settings
from rag.errors import InputError
from rag.types import Answer

app = typer.Typer(
    help="Ask news articles; every answer cites the words it rests on.",
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


@app.command("index")
def index_command(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders.")] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the index anew, keeping its documents.")
    ] = False,
    ray: Annotated[
        str | None,
        typer.Option("--ray", help="Split and embed on a Ray cluster: local, auto or HOST:PORT."),
    ] = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Add or update files, folders and .jsonl records; without a path, the seeds."""
    from rag.api import index_documents

    with _saying_what_is_kept(), IngestProgress() as shown:
        report = index_documents(
            paths or [],
            settings=_settings(index),
            rebuild=rebuild,
            ray=ray,
            progress=shown.step,
            stage=shown.stage,
        )
    groups = {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
    }
    if as_json:
        problems = [{"path": path, "problem": why} for path, why in report.problems]
        print_json({**{k: list(v) for k, v in groups.items()}, "problems": problems})
        return
    for path, why in report.problems:
        typer.echo(f"skipped {path}: {why}", err=True)
    for name in ("added", "changed"):
        for document in groups[name]:
            typer.echo(f"{name} {document}")
    counts = ", ".join(f"{len(ids)} {name}" for name, ids in groups.items())
    typer.echo(counts if report.changes else f"{counts}: the index is up to date")


@contextlib.contextmanager
def _saying_what_is_kept() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(
            "rag: interrupted; what was indexed so far is kept, and the same command goes on there",
            err=True,
        )
        raise


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
        print_json({"removed": list(report.removed)})
    else:
        typer.echo(f"removed {', '.join(report.removed)}")


@app.command("sources")
def sources_command(index: Index = None, as_json: AsJson = False) -> None:
    """List the indexed documents."""
    from rag.api import list_sources

    rows = list_sources(settings=_settings(index))
    if as_json:
        print_json(rows)
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
        print_json({"ok": not problems, "problems": problems})
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

    def show(answer: Answer) -> None:
        typer.echo(to_json(answer_json(answer)) if as_json else f"{answer}\n")

    _require_one(question, batch, out)
    with open_chatbot(settings=_settings(index)) as bot:

        def work(record: Record) -> Record:
            answer = bot.ask(record["question"], history=history_of(record), sources=source)
            return {**answer_json(answer), "id": record["id"]}

        if batch:
            run_batch(batch, out, work, ("id", "question"))
        elif question is None:
            converse(lambda asked, past: bot.ask(asked, history=past, sources=source), show)
        elif as_json:
            print_json(answer_json(bot.ask(question, sources=source)))
        else:
            typer.echo(str(bot.ask(question, sources=source)))


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
    from rag.rendering import passage_json

    _require_one(query, batch, out)
    if query is None and batch is None:
        raise InputError("give a query, or --batch with a file of them")
    with open_chatbot(settings=_settings(index)) as bot:

        def passages(asked: str) -> list[Record]:
            return [passage_json(p) for p in bot.search(asked, top_k=top_k, sources=source)]

        if batch:
            fields = ("id", "query")
            run_batch(
                batch, out, lambda r: {"id": r["id"], "passages": passages(r["query"])}, fields
            )
            return
        found = passages(query or "")
    if as_json:
        print_json({"query": query, "passages": found})
        return
    for passage in found:
        typer.echo("{score:.3f} {document}:{start}-{end}".format_map(passage))
        typer.echo(f"      {' '.join(passage['text'].split())}\n")


@app.command("read")
def read_command(
    batch: Annotated[Path, typer.Option("--batch", help="JSONL of id, question and text.")],
    out: Out = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Answer each question from the text beside it alone; needs no index."""
    from rag.api import open_text_reader

    read = open_text_reader(settings=_settings(index))
    run_batch(
        batch,
        out,
        lambda record: {"id": record["id"], **asdict(read(record["question"], record["text"]))},
        ("id", "question", "text"),
    )


@app.command("verify")
def verify_command(
    batch: Annotated[Path, typer.Option("--batch", help="JSONL of id, claim and evidence.")],
    out: Out = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether the evidence supports the claim beside it; needs no index."""
    from rag.api import open_verifier

    verify = open_verifier(settings=_settings(index))
    run_batch(
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
    from rag.api import find_quotes
    from rag.quotes import difference_line

    matches = find_quotes(quote, settings=_settings(index))
    if as_json:
        print_json({"quote": quote, "matches": [asdict(m) for m in matches]})
        return
    if not matches:
        typer.echo("not in the indexed documents")
    for match in matches:
        speaker = f" · {match.speaker}" if match.speaker else ""
        typer.echo(f"{match.status}: {match.document}:{match.start}-{match.end}{speaker}")
        typer.echo(f"  “{' '.join(match.quote.split())}”")
        for change in match.differences:
            typer.echo(f"  {difference_line(change)}")


def _settings(index: Path | None) -> Settings:
    return load_settings(index=index)


def _require_one(asked: str | None, batch: Path | None, out: Path | None) -> None:
    if asked is not None and batch:
        raise InputError("give a question or --batch, not both")
    if out and not batch:
        raise InputError("--out takes the results of --batch; give that too")
