"""Attest: questions about news articles, answered with citations a reader can check.

from rag import open_chatbot
answer = open_chatbot().ask("…")
answer.citations[0].quote
"""

from rag.api import (
    check_index,
    find_quotes,
    index_documents,
    list_sources,
    open_chatbot,
    open_text_reader,
    open_verifier,
    remove_documents,
)
from rag.chatbot import Chatbot
from rag.config import Settings, load_settings
from rag.errors import RagError
from rag.types import Answer, Citation, Claim, Document, Message, Passage
from rag.verification import verify

__all__ = [
    "Answer",
    "Chatbot",
    "Citation",
    "Claim",
    "Document",
    "Message",
    "Passage",
    "RagError",
    "Settings",
    "check_index",
    "find_quotes",
    "index_documents",
    "list_sources",
    "load_settings",
    "open_chatbot",
    "open_text_reader",
    "open_verifier",
    "remove_documents",
    "verify",
]
