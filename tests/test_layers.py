"""Imports point downward, and each heavy library has one place that imports it."""

import ast
import graphlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# A part imports parts of its own layer or of those before it. Packages count as one part.
LAYERS = (
    "types errors failpoints clock links rendering rendering_chat rendering_documents "
    "rendering_conversations markers markdown tokens spelling inflection terms lexicon dates "
    "nations names seats offices facts bylines",
    "config testing",
    "documents sentences "
    "chunking minilm bert sessions embedding entailment cross_encoder "
    "archive store index ingestion chat_models llamaindex cluster",
    "library retrieval questions premises clauses dating features relevance reading answerable "
    "trends statement cast quotation referents interviews attribution subjects speech speakers "
    "reporting alignment asked_kind values candidates running_on beside naming dated presented "
    "introductions choosing accounts composing recency voices summaries timelines outlook tallies "
    "disputes abbreviations parts phrasing people gatherings asides preambles requests works "
    "provenance holdings courtesies pronouns followups alternatives background drafts prompting "
    "mentions extraction outlines casing aiming finding leads generation wording checks "
    "verification elisions quotes versions marks sluicing amounts pasted vetting tables leaders",
    "answering chatbot texts",
    "web conversation transcripts shelf uploads documents_tab conversations_tab desk endpoints "
    "rendering_check check_tab "
    "api cli __init__ __main__",
    "app evals",
)
LAYER_OF = {part: number for number, parts in enumerate(LAYERS) for part in parts.split()}

# Library: the parts that may import it. The rest of the answering path stays light.
ONLY_IN = {
    "tiktoken": {"tokens"},
    "pydantic_settings": {"config"},
    "llama_index": {"chunking", "llamaindex", "cluster", "evals"},
    "ray": {"cluster"},
    "onnx": {"bert"},
    "onnxruntime": {"sessions"},
    "sqlite3": {"store", "archive"},
    "chromadb": {"index", "evals"},
    "openai": {"chat_models", "embedding"},
    "gradio": {"app", "desk", "documents_tab", "conversations_tab", "check_tab", "endpoints"},
    "typer": {"cli"},
    "click": {"cli"},
    "tqdm": {"cli"},
}

# What a cold start must not pay for (seconds each, see docs/architecture.md).
HEAVY = (
    *("llama_index", "gradio", "openai", "chromadb", "onnx", "pandas", "trafilatura", "docx"),
    "ray",
)


@dataclass(frozen=True)
class Import:
    part: str
    module: str
    where: str
    deferred: bool  # inside a function, so paid for only when that runs
    typing_only: bool


def _part(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "rag" else parts[0]


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module == "rag":
        return [f"rag.{alias.name}" for alias in node.names]
    return [node.module or "."] if isinstance(node, ast.ImportFrom) else []


def _walk(node: ast.AST, path: Path, deferred: bool, typing_only: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        where = f"{path.relative_to(ROOT)}:{getattr(child, 'lineno', 0)}"
        for module in _modules(child):
            yield Import(_part(path), module, where, deferred, typing_only)
        inside = deferred or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _walk(child, path, inside, typing_only or _is_type_checking(child))


def _imports() -> list[Import]:
    files = [*ROOT.glob("rag/**/*.py"), *ROOT.glob("evals/**/*.py"), ROOT / "app.py"]
    return [
        found
        for path in files
        for found in _walk(ast.parse(path.read_text(encoding="utf-8")), path, False, False)
    ]


IMPORTS = _imports()


def _own(found: Import) -> str | None:
    """The part of this project that an import names, if it names one."""
    top, _, rest = found.module.partition(".")
    if top == "rag":
        name = rest.split(".")[0]
        return name if name in LAYER_OF else "__init__"
    return top if top in ("app", "evals") else None


def test_every_module_has_a_layer():
    parts = {_part(path) for path in (ROOT / "rag").rglob("*.py")}
    unplaced = parts - LAYER_OF.keys()
    assert not unplaced, f"place {sorted(unplaced)} in LAYERS"
    gone = LAYER_OF.keys() - parts - {"app", "evals"}
    assert not gone, f"LAYERS names {sorted(gone)}, which do not exist"


def _is_upward(found: Import) -> bool:
    above, below = LAYER_OF.get(_own(found) or "", 0), LAYER_OF.get(found.part, len(LAYERS))
    return above > below


def test_imports_point_downward():
    upward = [f"{f.where} {f.part} imports {_own(f)}" for f in IMPORTS if _is_upward(f)]
    assert not upward


def test_imports_are_absolute():
    assert not [found.where for found in IMPORTS if found.module.startswith(".")]


def test_no_two_parts_need_each_other_at_import():
    needs: dict[str, set[str]] = {}
    for found in IMPORTS:
        target = _own(found)
        if target and target != found.part and not (found.deferred or found.typing_only):
            needs.setdefault(found.part, set()).add(target)
    graphlib.TopologicalSorter(needs).prepare()  # raises CycleError, which names the cycle


@pytest.mark.parametrize("library", ONLY_IN)
def test_library_is_imported_in_its_place_only(library):
    elsewhere = [
        found.where
        for found in IMPORTS
        if found.module.split(".")[0] == library
        and found.part not in ONLY_IN[library]
        and not found.typing_only
    ]
    assert not elsewhere


def _loaded_by(code: str, *arguments: str) -> set[str]:
    """Run code in a new interpreter and return the heavy libraries it has loaded."""
    report = f"import json, sys; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    command = [sys.executable, "-c", f"{code}\n{report}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_loads_nothing_heavy():
    assert _loaded_by("import rag") == set()


def test_starting_the_command_loads_nothing_heavy():
    assert _loaded_by("from rag.cli import run; run(['--help'])") == set()


def test_asking_loads_only_what_an_answer_needs(seed_index):
    code = "import sys; from rag.cli import run; run(sys.argv[1:])"
    ask = (code, "ask", "Who is Rutte?", "--index", str(seed_index))
    _loaded_by(*ask)  # the first time on a machine builds the graphs, with onnx
    assert _loaded_by(*ask) <= {"chromadb"}
