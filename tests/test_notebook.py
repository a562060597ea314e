"""The quickstart notebook runs from top to bottom, and is stored without outputs."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

QUICKSTART = Path(__file__).resolve().parent.parent / "notebooks" / "quickstart.ipynb"


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    return nbformat.read(QUICKSTART, as_version=4)


def test_quickstart_runs_from_top_to_bottom(notebook, seed_index, tmp_path):
    ran = nbformat.from_dict(notebook)
    # Jupyter's own settings and history come from HOME otherwise.
    places = {"RAG_INDEX": str(seed_index), "IPYTHONDIR": str(tmp_path)}
    client = NotebookClient(ran, kernel_name="python3", timeout=120)
    client.execute(env={**os.environ, **places}, cwd=str(tmp_path))
    shown = [
        output.data
        for cell in ran.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "execute_result"
    ]
    assert any("text/html" in data for data in shown)


def test_quickstart_is_stored_without_outputs(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not [cell for cell in code if cell.outputs or cell.execution_count]
