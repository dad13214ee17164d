"""A reply as it grows: what a screen is told, and the count that keeps every byte from being lost or doubled."""

from dataclasses import dataclass
from typing import TypeAlias

from chats.text_client.errors import Refused, Unreachable
from inference.events import MessageRead, TokenEvent


@dataclass(frozen=True)
class Text:
    """More of the reply, to be appended."""

    text: str


@dataclass(frozen=True)
class Waiting:
    """The reply has not begun: `position` replies come before it, `workers` serve its model (None: not told)."""

    position: int
    size: int
    workers: int | None
    estimate_s: float | None


@dataclass(frozen=True)
class Thinking:
    """A reasoning model thinks before it replies; its thoughts are no part of the reply."""


@dataclass(frozen=True)
class Restarted:
    """What was shown of the reply no longer counts; it comes again from its beginning."""


@dataclass(frozen=True)
class Disconnected:
    """The connection broke and is tried again."""

    failure: Unreachable | Refused


@dataclass(frozen=True)
class Ended:
    """The last word: the message as it is stored, and why it failed if it did."""

    message: MessageRead
    error: str | None = None

    @property
    def state(self) -> str:
        """complete, cancelled, aborted_by_worker or timeout."""
        return str(self.message.get("state", "complete"))


ReplyEvent: TypeAlias = Text | Waiting | Thinking | Restarted | Disconnected | Ended


class Gap(Exception):
    """An event is missing before this one: read again from the last cursor."""


class ReplyText:
    """What has been shown of one reply.

    `position` counts its bytes of UTF-8, as the server's offsets do.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.position = 0

    @property
    def shown(self) -> str:
        """All text since the reply last began."""
        return "".join(self._parts)

    def token(self, event: TokenEvent) -> str:
        """The part of a `token` event that has not been shown yet; it then counts as shown.

        An event without an offset (Open-Assistant's own server) is all new. Raises Gap when text before it is missing.
        """
        text = str(event["text"])
        offset = event.get("offset")
        if isinstance(offset, int) and "thoughts" in event:
            # A reasoning model's: the offsets count its thoughts too, so the event is new as a whole, or not at all.
            if offset > self.position:
                raise Gap
            if event["end"] <= self.position:
                return ""
            self._add(text)
            self.position = event["end"]
            return text
        if isinstance(offset, int):
            if offset > self.position:
                raise Gap
            text = text.encode()[self.position - offset :].decode() if offset < self.position else text
        self._add(text)
        return text

    def restart(self) -> bool:
        """Forget the text; whether there was any."""
        had_text = self.position > 0
        self._parts.clear()
        self.position = 0
        return had_text

    def rest_of(self, content: str) -> str | None:
        """What the final content has beyond the shown text, or None when the shown text is not its beginning."""
        shown = self.shown
        if not content.startswith(shown):
            return None
        rest = content[len(shown) :]
        self._add(rest)
        return rest

    def _add(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self.position += len(text.encode())
