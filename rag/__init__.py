"""Attest: questions about news articles, answered with citations a reader can check."""
