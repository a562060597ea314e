"""Small real stand-ins for tests and for trying the package without models."""

from rag.testing.fakes import HashEmbedder, ScriptedChatModel
from rag.testing.openai_server import FakeOpenAIServer, Reply, ServedRequest

__all__ = ["FakeOpenAIServer", "HashEmbedder", "Reply", "ScriptedChatModel", "ServedRequest"]
