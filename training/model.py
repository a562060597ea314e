"""The cross-encoder in torch, the same network that `rag.bert` writes as an ONNX graph."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_EPSILON = 1e-12


class CrossEncoder(nn.Module):
    """MiniLM with two scores: each sentence answers, and no sentence answers.

    The embeddings stay as they are: they hold half of the weights and gain little.
    """

    def __init__(self, base: Mapping[str, np.ndarray]) -> None:
        super().__init__()
        self.frozen = {
            kind: torch.tensor(base[f"embeddings.{kind}_embeddings.weight"])
            for kind in ("word", "position", "token_type")
        }
        self.tuned = nn.ParameterDict(
            {
                name.replace(".", "/"): nn.Parameter(torch.tensor(value))
                for name, value in base.items()
                if name.startswith(("encoder.", "embeddings.LayerNorm"))
            }
        )
        self.sentence, self.none = nn.Linear(_WIDTH, 1), nn.Linear(_WIDTH, 1)
        for head in (self.sentence, self.none):
            nn.init.normal_(head.weight, std=0.02)

    def forward(self, ids: Tensor, segments: Tensor, mask: Tensor, pool: Tensor) -> Tensor:
        """Return logits (texts, sentences + 1), the last for none.

        ``ids``, ``segments`` and ``mask`` are (texts, pieces); ``pool`` (texts, sentences, pieces)
        averages each sentence's pieces.
        """
        hidden = self._encoded(ids, segments, mask)
        sentences = self.sentence(torch.bmm(pool.to(hidden.dtype), hidden)).squeeze(-1)
        return torch.cat([sentences.float(), self.none(hidden[:, 0]).float()], 1)

    def _encoded(self, ids: Tensor, segments: Tensor, mask: Tensor) -> Tensor:
        frozen = self.frozen
        value = frozen["word"][ids] + frozen["token_type"][segments]
        value = value + frozen["position"][: ids.shape[1]]
        value = self._normalised(value, "embeddings.LayerNorm")
        for layer in range(_LAYERS):
            value = self._layer(value, mask[:, None, None, :], f"encoder.layer.{layer}")
        return value

    def _layer(self, value: Tensor, mask: Tensor, name: str) -> Tensor:
        attended = self._attention(value, mask, f"{name}.attention.self")
        attended = self._linear(attended, f"{name}.attention.output.dense")
        value = self._normalised(attended + value, f"{name}.attention.output.LayerNorm")
        inner = functional.gelu(self._linear(value, f"{name}.intermediate.dense"))
        outer = self._linear(inner, f"{name}.output.dense")
        return self._normalised(outer + value, f"{name}.output.LayerNorm")

    def _attention(self, value: Tensor, mask: Tensor, name: str) -> Tensor:
        texts, pieces, _ = value.shape
        query, key, content = (
            self._linear(value, f"{name}.{part}").view(texts, pieces, _HEADS, -1).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(query, key, content, attn_mask=mask)
        return mixed.transpose(1, 2).reshape(texts, pieces, _WIDTH)

    def _weight(self, name: str) -> Tensor:
        return self.tuned[name.replace(".", "/")]

    def _linear(self, value: Tensor, name: str) -> Tensor:
        return functional.linear(
            value, self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        )

    def _normalised(self, value: Tensor, name: str) -> Tensor:
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return functional.layer_norm(value, (_WIDTH,), scale, bias, _EPSILON)
