"""How an attempt at a reply can end, as plain data: the generation says it, the settlement stores it."""

from dataclasses import dataclass
from datetime import datetime

from chats.repository.work import Result


@dataclass(frozen=True, slots=True)
class Completed:
    """The reply is whole."""

    result: Result


@dataclass(frozen=True, slots=True)
class Failed:
    """The engine stays down or keeps failing: another attempt goes on, unless they are spent.

    result: None when not even the stream could be opened, so that nothing is known of the text so far.
    """

    reason: str
    result: Result | None


@dataclass(frozen=True, slots=True)
class Aborted:
    """No attempt could do better: the reason is in the request, or in what is left of it."""

    reason: str
    result: Result


@dataclass(frozen=True, slots=True)
class Drained:
    """This process ends; the text so far is stored in the stream."""

    first_token_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Somebody else has ended the message or holds it: nothing more is ours to say."""


Outcome = Completed | Failed | Aborted | Drained | Lost
