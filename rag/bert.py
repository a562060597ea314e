"""Build BERT encoders as ONNX graphs from plain weights, in float32 or with int8 products.

Plain operators measured faster on CPUs than onnxruntime's fused attention, GELU and normalisation.
The graph reads one or more texts of one length: without padding there is no mask, and because
activations are quantised over a whole run, one text a run keeps its vector independent of others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from rag.minilm import Weights

if TYPE_CHECKING:
    import onnx

Precision = Literal["fp32", "int8"]

_HEADS = 12
_EPSILON = 1e-12
_MICROSOFT = "com.microsoft"
_FLOAT = 1  # onnx.TensorProto.FLOAT, here without importing onnx


@dataclass(slots=True)
class Graph:
    """An ONNX graph under construction; values are known by their names."""

    precision: Precision
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    quantised: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def constant(self, name: str, value: npt.ArrayLike) -> str:
        """Add a constant under its name, once."""
        self.constants.setdefault(name, np.ascontiguousarray(value))
        return name

    def node(self, kind: str, inputs: Sequence[str], **attributes: object) -> str:
        """Add an operator with one output; return the output's name."""
        return self.nodes_of(kind, inputs, 1, **attributes)[0]

    def nodes_of(
        self, kind: str, inputs: Sequence[str], outputs: int, **attributes: object
    ) -> tuple[str, ...]:
        """Add an operator; return the names of its outputs."""
        from onnx import helper

        names = tuple(f"{kind}.{len(self.nodes)}.{number}" for number in range(outputs))
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names

    def linear(self, value: str, weights: Weights, name: str) -> str:
        """Apply the layer ``name`` of a checkpoint."""
        weight, bias = weights[f"{name}.weight"].T, weights[f"{name}.bias"]
        if self.precision == "fp32":
            product = self.node("MatMul", [value, self.constant(f"{name}.weight", weight)])
            return self.node("Add", [product, self.constant(f"{name}.bias", bias)])
        return self._int8_linear(value, name, weight, bias)

    def _int8_linear(
        self, value: str, name: str, weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]
    ) -> str:
        """Multiply in int8: weights scaled per output channel, activations when they are known."""
        if value not in self.quantised:
            self.quantised[value] = self.nodes_of("DynamicQuantizeLinear", [value], 3)
        codes, scale, zero = self.quantised[value]
        weight_codes, weight_scale = to_int8(weight, axis=0)
        inputs = [
            codes,
            self.constant(f"{name}.weight", weight_codes),
            scale,
            self.constant(f"{name}.scale", weight_scale[0]),
            zero,
            self.constant(f"{name}.zero", np.zeros(weight.shape[1], np.int8)),
            self.constant(f"{name}.bias", bias),
        ]
        return self.node("MatMulIntegerToFloat", inputs, domain=_MICROSOFT)

    def normalised(self, value: str, weights: Weights, name: str) -> str:
        """Apply the layer normalisation ``name`` of a checkpoint."""
        scale = self.constant(f"{name}.weight", weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", weights[f"{name}.bias"])
        return self.node("LayerNormalization", [value, scale, bias], axis=-1, epsilon=_EPSILON)

    def looked_up(self, indices: str, table: npt.NDArray[np.float32], name: str) -> str:
        """Look rows of a large table up; in int8 each row has its own scale."""
        if self.precision == "fp32":
            return self.node("Gather", [self.constant(name, table), indices])
        codes, scale = to_int8(table, axis=1)
        rows = self.node("Gather", [self.constant(f"{name}.codes", codes), indices])
        scales = self.node("Gather", [self.constant(f"{name}.scale", scale), indices])
        return self.node("Mul", [self.node("Cast", [rows], to=_FLOAT), scales])

    def model(self, inputs: Sequence[str], output: str, shape: Sequence[str | int]) -> bytes:
        """Finish: ``inputs`` are int64 of shape (texts, pieces), ``output`` float32."""
        from onnx import TensorProto, helper, numpy_helper

        pieces = ["texts", "pieces"]
        graph = helper.make_graph(
            self.nodes,
            "bert",
            [helper.make_tensor_value_info(name, TensorProto.INT64, pieces) for name in inputs],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
            [numpy_helper.from_array(value, name) for name, value in self.constants.items()],
        )
        imports = [helper.make_opsetid("", 20), helper.make_opsetid(_MICROSOFT, 1)]
        content: bytes = helper.make_model(
            graph, opset_imports=imports, ir_version=9
        ).SerializeToString()
        return content


def to_int8(
    value: npt.NDArray[np.float32], *, axis: int
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Round to int8 with one scale for each slice along ``axis``; ``codes * scale`` undoes it."""
    scale = np.maximum(np.abs(value).max(axis=axis, keepdims=True), 1e-12) / 127
    return np.round(value / scale).astype(np.int8), scale.astype(np.float32)


def encoder(graph: Graph, weights: Weights, *, ids: str = "ids", segments: str = "") -> str:
    """Add a BERT encoder; return its last hidden states, (texts, pieces, width).

    ``segments`` names an input with the segment of each piece; without it all are in the first.
    """
    value = _embedded(graph, weights, ids, segments)
    layers = sum(name.endswith("attention.self.query.weight") for name in weights)
    for layer in range(layers):
        value = _layer(graph, weights, value, f"encoder.layer.{layer}")
    return value


def _embedded(graph: Graph, weights: Weights, ids: str, segments: str) -> str:
    words = graph.looked_up(ids, weights["embeddings.word_embeddings.weight"], "words")
    positions = weights["embeddings.position_embeddings.weight"]
    types = weights["embeddings.token_type_embeddings.weight"]
    table = graph.constant("positions", positions if segments else positions + types[0])
    length = graph.node("Shape", [ids], start=1, end=2)
    zero = graph.constant("zero", np.zeros(1, np.int64))
    value = graph.node("Add", [words, graph.node("Slice", [table, zero, length, zero])])
    if segments:
        rows = graph.node("Gather", [graph.constant("types", types), segments])
        value = graph.node("Add", [value, rows])
    return graph.normalised(value, weights, "embeddings.LayerNorm")


def _layer(graph: Graph, weights: Weights, value: str, name: str) -> str:
    attended = _attention(graph, weights, value, f"{name}.attention.self")
    attended = graph.linear(attended, weights, f"{name}.attention.output.dense")
    value = graph.node("Add", [attended, value])
    value = graph.normalised(value, weights, f"{name}.attention.output.LayerNorm")
    inner = graph.node("Gelu", [graph.linear(value, weights, f"{name}.intermediate.dense")])
    outer = graph.linear(inner, weights, f"{name}.output.dense")
    return graph.normalised(graph.node("Add", [outer, value]), weights, f"{name}.output.LayerNorm")


def _attention(graph: Graph, weights: Weights, value: str, name: str) -> str:
    width = weights[f"{name}.query.weight"].shape[0]
    size = width // _HEADS
    heads = graph.constant("heads", np.array([0, 0, _HEADS, size], np.int64))
    joined = graph.constant("joined", np.array([0, 0, width], np.int64))
    root = graph.constant("root", np.float32(size**-0.5))

    def split(part: str, order: Sequence[int]) -> str:
        projected = graph.node("Reshape", [graph.linear(value, weights, f"{name}.{part}"), heads])
        return graph.node("Transpose", [projected], perm=order)

    query = graph.node("Mul", [split("query", [0, 2, 1, 3]), root])
    scores = graph.node("MatMul", [query, split("key", [0, 2, 3, 1])])
    shares = graph.node("Softmax", [scores], axis=-1)
    mixed = graph.node("MatMul", [shares, split("value", [0, 2, 1, 3])])
    return graph.node("Reshape", [graph.node("Transpose", [mixed], perm=[0, 2, 1, 3]), joined])


def mean_pooled(graph: Graph, hidden: str) -> str:
    """Average hidden states over the pieces and scale to length 1, (texts, width)."""
    pieces = graph.constant("pieces_axis", np.ones(1, np.int64))
    summed = graph.node("ReduceSum", [hidden, pieces], keepdims=0)
    return graph.node("LpNormalization", [summed], axis=-1, p=2)


def embedding_model(weights: Weights, precision: Precision) -> bytes:
    """Build the sentence embedder: ``ids`` (texts, pieces) to unit vectors."""
    return build_model(weights, precision, mean_pooled, weights["embeddings.LayerNorm.bias"].size)


def build_model(
    weights: Weights, precision: Precision, head: Callable[[Graph, str], str], width: int
) -> bytes:
    """Build an encoder with a head; ``head`` maps hidden states to an output (texts, width)."""
    graph = Graph(precision)
    return graph.model(["ids"], head(graph, encoder(graph, weights)), ["texts", width])


def token_scoring_model(
    weights: Weights, head: npt.NDArray[np.float32], precision: Precision
) -> bytes:
    """Build a cross-encoder: ``ids`` and ``segments`` to one row of scores for each piece.

    ``head`` has the shape (width, scores); the output has the shape (texts, pieces, scores).
    """
    graph = Graph(precision)
    hidden = encoder(graph, weights, segments="segments")
    scores = graph.node("MatMul", [hidden, graph.constant("head", head)])
    return graph.model(["ids", "segments"], scores, ["texts", "pieces", head.shape[1]])


def product_model(size: int) -> bytes:
    """Build a product with a (size, size) matrix of ones in int8: ``ids`` to the sums of its rows.

    Rows of ones make all codes the largest there are, which tells what a CPU does with them.
    """
    graph = Graph("int8")
    weight, bias = np.ones((size, size), np.float32), np.zeros(size, np.float32)
    value = graph.node("Cast", ["ids"], to=_FLOAT)
    sums = graph.linear(value, {"ones.weight": weight, "ones.bias": bias}, "ones")
    return graph.model(["ids"], sums, ["texts", size])
