"""Work through a JSONL file, record by record."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from rag.cli.terminal import Counter, to_json
from rag.errors import InputError, RagError
from rag.types import Message

Record = dict[str, Any]

_ROLES = ("user", "assistant")


def run_batch(
    path: Path, out: Path | None, work: Callable[[Record], Record], fields: Sequence[str]
) -> None:
    """Work through a JSONL file; results come in its order, to ``out`` or stdout.

    The whole file is checked before the first record is worked on. A record that cannot be worked
    on has ``error`` in its result and does not lose the others.
    """
    records = list(read_records(path, fields))
    with Counter(f"{path.name}: of {len(records)} records,") as counter:
        results = (_result(work, record, counter) for record in records)
        failed = sum(_write(results, out))
    if failed:
        typer.echo(f"rag: {failed} of {len(records)} records failed; see their `error`", err=True)


def read_records(path: Path, fields: Sequence[str]) -> Iterator[Record]:
    """Yield the records of a JSONL file; raise ``InputError`` naming the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read {path}: expected UTF-8, found {error}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _record(line, f"{path}:{number}", fields)


def history_of(record: Record) -> tuple[Message, ...]:
    """Return the earlier turns that a record comes with."""
    return tuple(Message(role, text) for role, text in record.get("history") or ())


def _record(line: str, where: str, fields: Sequence[str]) -> Record:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: expected a JSON object, found {error}") from error
    if not isinstance(record, dict):
        raise InputError(f"{where}: expected a JSON object, found {type(record).__name__}")
    if "query" in fields and "query" not in record:  # a file of questions can be searched too
        record["query"] = record.get("question")
    for field in fields:
        if not isinstance(record.get(field), str | int):
            found = "nothing" if record.get(field) is None else repr(record[field])[:40]
            raise InputError(f"{where}: expected a string in {field!r}, found {found}")
    _check_history(record.get("history"), where)
    return {**record, **{f: str(record[f]) for f in fields if f != "id"}}


def _check_history(history: object, where: str) -> None:
    turns = [] if history is None else history
    if not isinstance(turns, list) or not all(map(_is_turn, turns)):
        raise InputError(
            f'{where}: expected "history" as [["user", "…"], ["assistant", "…"]], '
            f"found {repr(history)[:60]}"
        )


def _is_turn(turn: object) -> bool:
    return (
        isinstance(turn, list) and len(turn) == 2 and turn[0] in _ROLES and isinstance(turn[1], str)
    )


def _result(work: Callable[[Record], Record], record: Record, counter: Counter) -> Record:
    try:
        return work(record)
    except RagError as error:
        return {"id": record["id"], "error": str(error)}
    finally:
        counter.step()


def _write(results: Iterable[Record], out: Path | None) -> Iterator[bool]:
    """Write results as they come; yield whether each is an error."""
    with _sink(out) as write:
        for result in results:
            write(result)
            yield "error" in result


@contextlib.contextmanager
def _sink(out: Path | None) -> Iterator[Callable[[Record], object]]:
    if out is None:
        yield lambda result: typer.echo(to_json(result))
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        # Half characters (lone surrogates) in the input must not stop the output.
        with out.open("w", encoding="utf-8", errors="replace") as file:
            yield lambda result: file.write(json.dumps(result, ensure_ascii=False) + "\n")
    except OSError as error:
        raise InputError(f"cannot write {out}: {error.strerror}") from error
