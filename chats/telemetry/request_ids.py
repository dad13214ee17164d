"""The id of a request: the caller's own X-Request-ID when it is sane, else one made here."""

import re

from chats.ids import new_id

HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}", re.ASCII)


def request_id(given: str | None) -> str:
    """An id that may stand in logs and headers."""
    return given if given is not None and _SANE.fullmatch(given) else str(new_id())
