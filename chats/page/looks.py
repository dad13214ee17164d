"""How this browser wants every page to look: its theme and the size of letters, kept in cookies.

The server writes them into the document, so that its first paint is right already and no script has to run before it.
"""

from django.http import HttpRequest

CHOICES = {"theme": ("light", "dark"), "text_size": ("large", "larger")}
"""Name -> values beside the default: as the system has it, and the browser's own size."""

COOKIE_PREFIX = "oasst_"
"""static/chat/looks.js sets these cookies."""


def looks(request: HttpRequest) -> dict[str, str]:
    """A template context with each look; empty for the default and for whatever else a cookie may hold."""
    wanted = {name: request.COOKIES.get(f"{COOKIE_PREFIX}{name}", "") for name in CHOICES}
    return {name: value if value in CHOICES[name] else "" for name, value in wanted.items()}
