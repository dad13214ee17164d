"""Takes secrets out of finished log lines: what looks like one, and the values that this process itself knows.

The last defence: no line of ours is meant to hold any.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

HIDDEN = "***"
SHORTEST = 8
"""Characters; anything shorter stands in ordinary words, too."""

_LOOKS_LIKE_ONE = re.compile(
    r"(?P<before>\b(?:Bearer|Basic|Token)\s+)[^\s\"'\\,]{8,}"
    r"|eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]+)?"  # a JSON web token
    r"|\boasst_(?:worker_)?[\w-]{20,}"  # an API key of ours
    r"|\bticket\.[\w-]{20,}"
    r"|(?P<user>://[^/\s:@\"']*:)[^@/\s\"']+(?=@)"
    r"|(?P<name>[?&;](?:[\w-]*(?:token|key|secret|password|ticket|signature)|code|state)=)[^\s&\"'\\]+",
    re.IGNORECASE,
)

_SIGNS = ("eyJ", "oasst_", "ticket.", "://", "earer ", "asic ", "oken ", "EARER ", "=")
"""Without any of these a line holds nothing of the kind; they are looked for twenty times faster."""


class Hider:
    """Knows the secrets of one process."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._known = sorted({each for each in secrets if len(each) >= SHORTEST}, key=len, reverse=True)

    def hide(self, line: str) -> str:
        """The line with *** in the place of each secret."""
        for secret in self._known:
            if secret in line:
                line = line.replace(secret, HIDDEN)
        return _LOOKS_LIKE_ONE.sub(_hidden, line) if any(sign in line for sign in _SIGNS) else line


def password_of(url: str) -> str:
    """The password in an address, empty when there is none."""
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def _hidden(found: re.Match[str]) -> str:
    return (found["before"] or found["user"] or found["name"] or "") + HIDDEN
