"""Read the YAML block that a Markdown file may begin with."""

from __future__ import annotations

import re

import yaml

from rag.documents.blocks import Metadata, one_line
from rag.documents.dates import parse_date
from rag.errors import InputError

_OPENING = re.compile(r"---[ \t]*\n(?=[ \t]*[\w\"'-]+[ \t]*:|---)")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_LONGEST = 64_000  # characters; YAML parses slowly, and metadata is short
_NULL = "tag:yaml.org,2002:null"
_FIELDS = {
    "title": "title",
    "author": "author",
    "authors": "author",
    "publisher": "publisher",
    "published": "date",
    "date": "date",
    "url": "url",
    "kind": "kind",
}
_KINDS = ("article", "brief")


def split_front_matter(text: str) -> tuple[Metadata, str]:
    """Part a Markdown text into its metadata and its body.

    Raises InputError naming line, field, what was expected and what was found.
    """
    opening = _OPENING.match(text)
    if not opening:
        return Metadata(), text
    closing = _CLOSING.search(text, opening.end(), opening.end() + _LONGEST)
    if not closing:
        raise InputError("line 1: the front matter has no closing line ---")
    return _parse(text[opening.end() : closing.start()]), text[closing.end() :]


def _parse(block: str) -> Metadata:
    values: dict[str, str | None] = {}
    for key, value in _pairs(block):
        field = _FIELDS.get(str(key.value).lower())
        if field:
            values[field] = _checked(field, value)
    kind = values.pop("kind", None)
    return Metadata(kind="brief" if kind == "brief" else "article", **values)


def _pairs(block: str) -> list[tuple[yaml.Node, yaml.Node]]:
    try:
        root = yaml.compose(block, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 2 if mark else 2
        raise InputError(f"line {line}: the front matter is not YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"the front matter is not YAML: {one_line(str(error))}") from error
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        raise InputError("line 2: expected front matter of lines such as `title: …`")
    return list(root.value)


def _checked(field: str, value: yaml.Node) -> str | None:
    line = value.start_mark.line + 2
    text = _text(field, value, line)
    if text is None:
        return None
    if field == "kind" and text not in _KINDS:
        raise InputError(f"line {line}: kind: expected {' or '.join(_KINDS)}, found {text!r}")
    if field != "date":
        return text
    date = parse_date(text)
    if date is None:
        raise InputError(f"line {line}: expected a date such as 2024-11-05, found {text!r}")
    return date


def _text(field: str, value: yaml.Node, line: int) -> str | None:
    """Take a scalar as it is written: a title of ``1984`` or ``No`` is text to us."""
    if isinstance(value, yaml.ScalarNode):
        return None if value.tag == _NULL else one_line(value.value) or None
    if field == "author" and isinstance(value, yaml.SequenceNode):
        names = [item.value for item in value.value if isinstance(item, yaml.ScalarNode)]
        if len(names) == len(value.value):
            return " and ".join(map(one_line, names)) or None
    found = "a list" if isinstance(value, yaml.SequenceNode) else "a mapping"
    raise InputError(f"line {line}: {field}: expected text, found {found}")
