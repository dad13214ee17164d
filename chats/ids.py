"""Ids of chats and messages."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: unique, and ordered by the time it was made (RFC 9562), so that id order is time order."""
    return uuid7()


def parse_id(text: object) -> UUID | None:
    """The id that the text spells, None when it is none: an unknown id and an impossible one look alike to people."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
