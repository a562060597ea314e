"""Keep ids unique within one run."""

from __future__ import annotations

from rag.errors import InputError


class Owners:
    """Remembers which file or record each id came from."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}

    def claim(self, document_id: str, place: str) -> None:
        """Give an id to a place; raise InputError, naming its owner, when it is taken."""
        owner = self._places.setdefault(document_id, place)
        if owner is not place:
            raise InputError(f"the id {document_id!r} is taken by {owner}; change one of the two")
