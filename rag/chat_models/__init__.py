"""Chat models: any server that speaks OpenAI's chat completions, behind ``ChatModel``."""

from rag.chat_models.model import DEFAULT_MODEL, OpenAIChatModel, open_chat_model

__all__ = ["DEFAULT_MODEL", "OpenAIChatModel", "open_chat_model"]
