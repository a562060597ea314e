import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.tokens import count_tokens, truncate_tokens

ROOT = Path(__file__).resolve().parent.parent


def test_tokens_are_counted_as_the_chat_models_count_them():
    assert count_tokens("") == 0
    assert count_tokens("hello world") == 2
    assert count_tokens("Ünïcödé") > 2


def test_special_tokens_in_a_text_are_plain_text():
    assert count_tokens("<|endoftext|>") > 1


def test_counting_leaves_the_environment_alone_and_needs_no_network(tmp_path):
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    script = (
        "import os, socket, sys\n"
        "from rag.tokens import count_tokens\n"
        "assert 'tiktoken' not in sys.modules\n"
        "def refuse(*_): raise SystemExit('tried the network')\n"
        "socket.socket.connect = refuse\n"
        "assert count_tokens('hello world') == 2\n"
        "assert os.environ['TIKTOKEN_CACHE_DIR'] == sys.argv[1]\n"
        "assert 'llama_index.core' not in sys.modules\n"
    )
    environment = {**os.environ, "TIKTOKEN_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", script, str(tmp_path)]
    subprocess.run(command, check=True, env=environment, cwd=ROOT, timeout=60)
    assert list(tmp_path.iterdir()) == []
    assert os.environ.get("TIKTOKEN_CACHE_DIR") == before


def test_a_missing_token_table_is_named_with_its_remedy():
    script = (
        "import sys\n"
        "from rag.errors import RagError\n"
        "from rag.tokens import count_tokens\n"
        "sys.path[:] = [p for p in sys.path if 'site-packages' not in p]\n"
        "try: count_tokens('x')\n"
        "except RagError as error: print(error)\n"
    )
    command = [sys.executable, "-c", script]
    result = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert "pip install 'llama-index-core" in result.stdout
    assert result.stdout.count("\n") == 1


@given(st.text(max_size=60), st.integers(-1, 40))
@settings(deadline=None, max_examples=300)
def test_truncated_text_is_a_prefix_within_the_limit(text, limit):
    cut = truncate_tokens(text, limit)
    assert text.startswith(cut)
    assert count_tokens(cut) <= max(limit, 0)
    if count_tokens(text) <= limit:
        assert cut == text


def test_truncation_fills_the_limit():
    text = "The pact runs for ten years. " * 9_000
    assert count_tokens(truncate_tokens(text, 50_000)) == pytest.approx(50_000, abs=20)


@pytest.mark.parametrize("unit", ["a", "!", " ", "é", "日"])
def test_giant_texts_are_counted_quickly(unit):
    started = time.perf_counter()
    assert count_tokens(unit * 2_000_000) > 0
    assert time.perf_counter() - started < 10
