"""Show a report: a table for the terminal, and results.json, report.md and junit.xml."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from evals.gate import Shortfall
from evals.harness import Figure, Report, Result


def as_text(report: Report) -> str:
    """Lay the figures out for a terminal."""
    rows = [*report.by_kind.items(), ("", None), *report.figures.items()]
    lines = [f"{report.corpus}: {len(report.results)} questions, {report.mode} ({report.model})"]
    lines += [f"  {name:<24}{_cell(figure)}".rstrip() for name, figure in rows]
    return "\n".join([*lines, f"  {'latency':<24}{_latency(report)}"])


def as_markdown(report: Report, floors: Mapping[str, float]) -> str:
    """Write the figures, their floors and the failing cases as Markdown."""
    lines = [
        f"# Answers on the {report.corpus}",
        "",
        f"{len(report.results)} questions, {report.mode} ({report.model}), {_latency(report)}.",
        "",
        "| metric | value | 95 % interval | cases | floor |",
        "|---|---|---|---|---|",
        *(_row(name, f, floors.get(name)) for name, f in report.figures.items()),
        "",
        "| accuracy by kind | value | 95 % interval | cases |",
        "|---|---|---|---|",
        *(_row(name, f) for name, f in report.by_kind.items()),
        "",
        "## Wrong answers",
        "",
        *(_wrong(r) for r in report.results if not r.correct),
    ]
    return "\n".join(lines) + "\n"


def as_json(report: Report, floors: Mapping[str, float]) -> dict[str, Any]:
    """Give everything measured as plain values, every sample with its scores."""
    return {
        "corpus": report.corpus,
        "mode": report.mode,
        "model": report.model,
        "questions": len(report.results),
        "figures": {name: _plain(f, floors.get(name)) for name, f in report.figures.items()},
        "by_kind": {name: _plain(f, None) for name, f in report.by_kind.items()},
        "latency_seconds": {"median": report.latency.median, "p95": report.latency.p95},
        "samples": [_sample(result) for result in report.results],
    }


def as_junit(
    report: Report, missed: Sequence[Shortfall], floors: Mapping[str, float]
) -> ET.Element:
    """Give one test case per floor, which fails the build, and one per sample, which does not.

    A wrong answer is a skipped test case that says why: single wrong answers are expected, their
    share is what the floors judge. An exception is an error.
    """
    suites = ET.Element("testsuites", name=f"evals {report.corpus}")
    gates = ET.SubElement(suites, "testsuite", name="floors", tests=str(len(floors)))
    gates.set("failures", str(len(missed)))
    by_metric = {shortfall.metric: shortfall for shortfall in missed}
    for metric in floors:
        case = ET.SubElement(gates, "testcase", classname=f"evals.{report.corpus}", name=metric)
        if shortfall := by_metric.get(metric):
            ET.SubElement(case, "failure", message=_xml(str(shortfall)))
    samples = ET.SubElement(suites, "testsuite", name="samples", tests=str(len(report.results)))
    for result in report.results:
        samples.append(_case(report.corpus, result))
    samples.set("errors", str(len(samples.findall("testcase/error"))))
    samples.set("skipped", str(len(samples.findall("testcase/skipped"))))
    return suites


def write(
    report: Report, folder: Path, *, missed: Sequence[Shortfall], floors: Mapping[str, float]
) -> None:
    """Write results.json, report.md and junit.xml into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = json.dumps(as_json(report, floors), ensure_ascii=False, indent=1)
    (folder / "results.json").write_text(plain + "\n", encoding="utf-8")
    (folder / "report.md").write_text(as_markdown(report, floors), encoding="utf-8")
    tree = ET.ElementTree(as_junit(report, missed, floors))
    tree.write(folder / "junit.xml", encoding="utf-8", xml_declaration=True)


def failures(report: Report) -> str:
    """List every wrong answer with its question, what came back and why it is wrong."""
    return "\n\n".join(
        f"{r.sample.id}: {r.sample.question}\n  {r.scores['accuracy'].explanation}\n"
        f"  {' '.join(r.scores['accuracy'].answer.split())}"
        for r in report.results
        if not r.correct
    )


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    if figure.value is None:
        return "  -    no cases"
    interval = f"{_interval(figure):>18}"
    return f"{figure.value:.3f}{interval}{figure.cases:>6}"


def _interval(figure: Figure) -> str:
    return "[{:.3f}, {:.3f}]".format(*figure.interval) if figure.interval else ""


def _latency(report: Report) -> str:
    return f"median {report.latency.median * 1000:.0f} ms, p95 {report.latency.p95 * 1000:.0f} ms"


def _row(name: str, figure: Figure, floor: float | None = None) -> str:
    value = "no cases" if figure.value is None else f"{figure.value:.3f}"
    cells = [name, value, _interval(figure), str(figure.cases)]
    return f"| {' | '.join(cells)} |" + (f" {floor:.2f} |" if floor is not None else "")


def _wrong(result: Result) -> str:
    return (
        f"- `{result.sample.id}` {result.sample.question} — {result.scores['accuracy'].explanation}"
    )


def _plain(figure: Figure, floor: float | None) -> dict[str, Any]:
    return {
        "value": figure.value,
        "interval": figure.interval,
        "cases": figure.cases,
        "floor": floor,
        "failing": list(figure.failing),
    }


def _sample(result: Result) -> dict[str, Any]:
    sample, answer = result.sample, result.outcome.answer
    return {
        "id": sample.id,
        "kind": sample.kind,
        "split": sample.split,
        "question": sample.question,
        "answer": answer.text if answer else None,
        "abstained": answer.abstained if answer else None,
        "error": result.outcome.error,
        "seconds": round(result.outcome.seconds, 4),
        "scores": {
            name: {"value": score.value, "explanation": score.explanation}
            for name, score in result.scores.items()
        },
    }


def _case(corpus: str, result: Result) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=f"evals.{corpus}.{result.sample.kind}",
        name=result.sample.id,
        time=f"{result.outcome.seconds:.3f}",
    )
    if result.outcome.error:
        ET.SubElement(case, "error", message=_xml(result.outcome.error))
    elif not result.correct:
        message = f"wrong answer: {result.scores['accuracy'].explanation}"
        ET.SubElement(case, "skipped", message=_xml(message))
    return case


def _xml(text: str) -> str:
    """Replace the control characters that XML 1.0 cannot hold."""
    return "".join(c if c in "\t\n" or c >= " " else "\ufffd" for c in text)
