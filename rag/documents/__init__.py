"""Read files into clean documents, with a verdict on every file."""

from rag.documents.reader import count_documents, read_documents

__all__ = ["count_documents", "read_documents"]
