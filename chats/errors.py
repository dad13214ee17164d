"""Refusals: what a person asked that cannot be done, with the status, the field and a sentence that helps."""

LONGEST_SENTENCE = 1000
"""Characters of a refusal: it names the bad value, which may be as long as a request."""


class Refused(Exception):
    """A request that is refused. `status` is HTTP's; `field` names the input at fault, None for the whole request."""

    status = 400

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = shortened(message)
        self.field = field


def shortened(sentence: str) -> str:
    """The sentence, cut at LONGEST_SENTENCE."""
    return sentence if len(sentence) <= LONGEST_SENTENCE else f"{sentence[: LONGEST_SENTENCE - 1]}…"


class BadRequest(Refused):
    """The input makes no sense."""


class Forbidden(Refused):
    """Switched off, or not for this person."""

    status = 403


class NotFound(Refused):
    """No such thing, or somebody else's."""

    status = 404


class Conflict(Refused):
    """Sensible, but not now. REST answers 400, as Open-Assistant does; the websocket's error carries 409."""

    status = 400
    websocket_code = 409


class TooLarge(Refused):
    """Longer than a limit."""

    status = 413


class Unprocessable(Refused):
    """Well-formed, but out of range or unknown."""

    status = 422


class Later(Refused):
    """The same request may succeed after `retry_after_s` seconds."""

    def __init__(self, message: str, *, field: str | None = None, retry_after_s: int = 2) -> None:
        super().__init__(message, field=field)
        self.retry_after_s = retry_after_s


class TooMany(Later):
    """More than this person's share."""

    status = 429


class Unavailable(Later):
    """A dependency is away, or there is no room now."""

    status = 503
