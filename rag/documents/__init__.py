"""Read files into clean documents, with a verdict on every file."""

from rag.documents.reader import read_documents

__all__ = ["read_documents"]
