"""The README is a contract: its code runs, and what it names exists."""

import json
import re
import shlex
import typing
from pathlib import Path

import pytest
import typer.main

from rag.config import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")


def _blocks(language: str) -> list[tuple[int, str]]:
    """Return the fenced blocks of a language, each with the line of the README it starts on."""
    return [
        (README[: match.start(2)].count("\n"), match[2])
        for match in BLOCK.finditer(README)
        if match[1] == language
    ]


def _lines_of_code() -> list[str]:
    """Return every line of a shell block and every inline code span, without comments."""
    blocks = [line for _, block in _blocks("sh") for line in block.splitlines()]
    prose = BLOCK.sub("", README)
    return [line.split("  #")[0].strip() for line in blocks + CODE.findall(prose)]


def _commands() -> dict[str, set[str]]:
    """Map each command of the CLI to its options."""
    from rag.cli import app

    group = typer.main.get_command(app)
    return {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in group.commands.items()
    }


def _documented_commands() -> list[list[str]]:
    lines = (re.sub(r"^\.venv/bin/", "", line) for line in _lines_of_code())
    return [shlex.split(line)[1:] for line in lines if re.match(r"rag [a-z]", line)]


def _documented_targets() -> set[str]:
    calls = (re.search(r"\bmake((?: [A-Z]+=\S+)*) ([a-z-]+)", line) for line in _lines_of_code())
    return {call[2] for call in calls if call}


def test_python_blocks_run(seed_index, monkeypatch):
    monkeypatch.setenv("RAG_INDEX", str(seed_index))
    namespace: dict[str, object] = {}
    blocks = _blocks("python")
    assert blocks
    for line, block in blocks:
        # Blank lines in front make a traceback name the README's own line.
        exec(compile("\n" * line + block, "README.md", "exec"), namespace)


def test_make_targets_exist_and_none_is_undocumented():
    targets = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
    assert _documented_targets() == targets


def test_phony_targets_all_have_a_line_of_help():
    (phony,) = re.findall(r"^\.PHONY: (.*install.*)$", MAKEFILE, re.MULTILINE)
    assert set(phony.split()) == set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def test_commands_exist_and_none_is_undocumented():
    assert {words[0] for words in _documented_commands()} == _commands().keys()


def test_options_of_commands_exist():
    options = _commands()
    unknown = [
        (words[0], word)
        for words in _documented_commands()
        for word in words
        if word.startswith("--") and word not in options[words[0]]
    ]
    assert not unknown


def test_every_option_is_documented():
    mentioned = set(re.findall(r"--[a-z-]+", "\n".join(_lines_of_code())))
    options = {option for names in _commands().values() for option in names if option[:2] == "--"}
    assert options <= mentioned


def _variables() -> set[str]:
    """Return the environment variables that the settings are read from."""
    names = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        choices = typing.cast("list[str]", alias.choices) if alias else [f"RAG_{name.upper()}"]
        names |= {choice for choice in choices if choice.isupper()}
    return names


def test_variables_exist_and_none_is_undocumented():
    documented = set(re.findall(r"\b(?:RAG|OPENAI)_[A-Z_]+", README))
    assert documented == _variables()


def test_answer_json_has_the_documented_fields(seed_index):
    from rag.api import open_chatbot
    from rag.config import load_settings
    from rag.rendering import answer_json

    ((_, block),) = _blocks("json")
    documented = json.loads(block)
    with open_chatbot(settings=load_settings(index=seed_index)) as bot:
        answer = answer_json(bot.ask("What did Rutte confirm in his statement?"))
    assert answer.keys() == documented.keys()
    for name in ("claims", "citations", "passages"):
        assert answer[name][0].keys() == documented[name][0].keys()


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/scaling.md"]
)
def test_links_within_the_repository_lead_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = {target for target, _ in LINK.findall(text) if "://" not in target}
    missing = [t for t in targets if not ((ROOT / name).parent / t).exists()]
    assert not missing
