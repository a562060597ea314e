"""A reply as it grows out of chunks: every chunk is checked, and so is the end."""

from __future__ import annotations

import json

from rag.chat_models.failures import Server

# About ten times the longest answer that max_answer_tokens allows by default.
MAX_CHARACTERS = 40_000

_BAD_ENDS = {
    "length": (
        "cut the answer off by length",
        "raise RAG_MAX_ANSWER_TOKENS, or lower RAG_TOP_K if the context is full",
    ),
    "tool_calls": ("called a tool that it was not given", "choose another RAG_MODEL"),
    "function_call": ("called a tool that it was not given", "choose another RAG_MODEL"),
    "abort": ("aborted the answer", "try again or check its log"),
    "error": ("broke the answer off with an error", "try again or check its log"),
}


class GrowingReply:
    """Takes chunks in order and gives the new text of each.

    ``started`` is true once the model has written anything, thoughts included; ``finished`` once
    the server has said why it stopped.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._characters = 0
        self._blank = True
        self._refusal = ""
        self._finish: str | None = None
        self.started = False
        self.prompt_tokens: int | None = None

    @property
    def finished(self) -> bool:
        """Whether the server has said that the reply is over."""
        return self._finish is not None

    def take(self, data: str) -> str:
        """Read one chunk (JSON) and return the text it adds."""
        try:
            chunk = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self._malformed("a chunk is not JSON") from error
        if not isinstance(chunk, dict):
            raise self._malformed("a chunk is not an object")
        if chunk.get("error"):
            raise self._server.failed(None, chunk["error"])
        self._take_usage(chunk.get("usage"))
        choices = chunk.get("choices")
        return self._take_choice(choices[0]) if isinstance(choices, list) and choices else ""

    def check_whole(self) -> None:
        """Raise unless the reply came whole and says something."""
        if self._refusal:
            raise self._server.rejected("says the model refused to answer", "ask in other words")
        if self._finish is None:
            said = "before the end" if self.started else "before it said anything"
            raise self._server.bad_reply(f"sent an answer that was cut off {said}")
        if self._finish == "content_filter":
            raise self._server.rejected("filtered the answer", "ask in other words")
        if self._finish in _BAD_ENDS:
            raise self._server.bad_reply(*_BAD_ENDS[self._finish])
        if self._blank:
            raise self._server.bad_reply("sent an empty answer")

    def _take_usage(self, usage: object) -> None:
        tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
        if isinstance(tokens, int) and tokens > 0:
            self.prompt_tokens = tokens

    def _take_choice(self, choice: object) -> str:
        if not isinstance(choice, dict):
            raise self._malformed("a choice is not an object")
        finish = choice.get("finish_reason")
        if isinstance(finish, str) and finish:
            self._finish = finish
        # Servers that cannot stream put the whole answer under "message".
        delta = choice.get("delta") or choice.get("message") or {}
        if not isinstance(delta, dict):
            raise self._malformed("a delta is not an object")
        return self._take_delta(delta)

    def _take_delta(self, delta: dict[str, object]) -> str:
        self._refusal += str(delta.get("refusal") or "")[:80]
        text = delta.get("content") or ""
        if not isinstance(text, str):
            raise self._malformed("the content is not text")
        # Lone surrogates can be written in JSON but in no file or page.
        text = text.encode("utf-8", "replace").decode()
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        self.started = self.started or bool(text or thought or self._refusal)
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            raise self._server.bad_reply(f"sent more than {MAX_CHARACTERS:,} characters")
        self._blank = self._blank and not text.strip()
        return text

    def _malformed(self, what: str) -> Exception:
        remedy = "check that OPENAI_BASE_URL speaks OpenAI's chat completions"
        return self._server.bad_reply(f"sent a malformed answer ({what})", remedy)
