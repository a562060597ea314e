"""The cross-encoder in torch, the same network that `rag.bert` writes as an ONNX graph."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.entailment import VERDICTS

_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_EPSILON = 1e-12
_BARRED = -1e4  # added to what padding is attended with


class CrossEncoder(nn.Module):
    """MiniLM with scores for questions and for claims.

    A question's: each sentence answers, and none does. A claim's, read at ``[CLS]``: its evidence
    supports it, contradicts it, or does neither. The embeddings stay as they are: they hold half
    of the weights and gain little.
    """

    def __init__(self, base: Mapping[str, np.ndarray]) -> None:
        super().__init__()
        for kind in ("word", "position", "token_type"):
            values = torch.tensor(base[f"embeddings.{kind}_embeddings.weight"])
            self.register_buffer(kind, values, persistent=False)
        self.tuned = nn.ParameterDict(
            {
                name.replace(".", "/"): nn.Parameter(torch.tensor(value))
                for name, value in base.items()
                if name.startswith(("encoder.", "embeddings.LayerNorm"))
            }
        )
        self.head = nn.Linear(_WIDTH, 3 + len(VERDICTS))  # sentence, none, verdicts, word
        nn.init.normal_(self.head.weight, std=0.02)

    @property
    def device(self) -> torch.device:
        """Where it is fitted."""
        return self.head.weight.device

    def answering(
        self, ids: Tensor, segments: Tensor, mask: Tensor, inside: Tensor, *, words: bool
    ) -> tuple[Tensor, Tensor]:
        """Return logits (texts, sentences + 1), the last for none, and (texts, pieces).

        ``ids``, ``segments`` and ``mask`` are (texts, pieces); ``inside`` (texts, sentences,
        pieces) tells which pieces are a sentence's. A sentence's logit is the mean over its pieces
        and, with ``words``, the highest chance that one of them is a word that answers.
        """
        scores = self.head(self._encoded(ids, segments, mask)).float()
        pool = inside.float() / inside.sum(2, keepdim=True).clamp(min=1)
        sentences = torch.bmm(pool, scores[:, :, :1]).squeeze(-1)
        found, none = scores[:, :, -1], scores[:, :1, 1]
        if words:
            best = found[:, None, :].masked_fill(~inside, _BARRED).amax(2)
            sentences, none = sentences + best, none + found[:, :1]
        return torch.cat([sentences, none], 1), found

    def judging(self, ids: Tensor, segments: Tensor, mask: Tensor) -> Tensor:
        """Return logits (texts, 3) in the order of ``rag.entailment.VERDICTS``."""
        hidden = self._encoded(ids, segments, mask)[:, :1]
        verdicts: Tensor = self.head(hidden)[:, 0, 2:-1].float()
        return verdicts

    def _encoded(self, ids: Tensor, segments: Tensor, mask: Tensor) -> Tensor:
        value = self.get_buffer("word")[ids] + self.get_buffer("token_type")[segments]
        value = value + self.get_buffer("position")[: ids.shape[1]]
        value = self._normalised(value, "embeddings.LayerNorm")
        barred = value.new_zeros(mask.shape).masked_fill(~mask, _BARRED)[:, None, None, :]
        for layer in range(_LAYERS):
            value = self._layer(value, barred, f"encoder.layer.{layer}")
        return value

    def _layer(self, value: Tensor, barred: Tensor, name: str) -> Tensor:
        attended = self._attention(value, barred, f"{name}.attention.self")
        attended = self._linear(attended, f"{name}.attention.output.dense")
        value = self._normalised(attended + value, f"{name}.attention.output.LayerNorm")
        inner = functional.gelu(self._linear(value, f"{name}.intermediate.dense"))
        outer = self._linear(inner, f"{name}.output.dense")
        return self._normalised(outer + value, f"{name}.output.LayerNorm")

    def _attention(self, value: Tensor, barred: Tensor, name: str) -> Tensor:
        """Attend by plain products: on a CPU they took two thirds of the fused operator's time."""
        texts, pieces, _ = value.shape
        query, key, content = (
            self._linear(value, f"{name}.{part}").view(texts, pieces, _HEADS, -1).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        size = query.shape[-1]
        scores = torch.matmul(query * size**-0.5, key.transpose(-1, -2))
        shares = (scores + barred.to(scores.dtype)).softmax(-1).to(content.dtype)
        return torch.matmul(shares, content).transpose(1, 2).reshape(texts, pieces, _WIDTH)

    def _weight(self, name: str) -> Tensor:
        return self.tuned[name.replace(".", "/")]

    def _linear(self, value: Tensor, name: str) -> Tensor:
        return functional.linear(
            value, self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        )

    def _normalised(self, value: Tensor, name: str) -> Tensor:
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return functional.layer_norm(value, (_WIDTH,), scale, bias, _EPSILON)
