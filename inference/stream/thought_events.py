"""Tells a reasoning model's thoughts from its reply in one reader's events, without I/O.

The stream knows nothing of thoughts: its text holds them between their tags, and offsets count all of it. Here, at the
rim, a token event's text becomes what it says (`text`) and what it thinks (`thoughts`); the tags belong to neither. A
cursor never points behind text that is still held back, so that a reader that comes back with it misses nothing.
"""

from collections.abc import Sequence

from inference import events
from inference.events import ReaderEvent, TokenEvent
from inference.stream.cursor import Cursor
from inference.thinking import Part, ThoughtSplitter


class ThoughtEvents:
    """The events of one reader of one message, rewritten one by one."""

    def __init__(self, message_id: str, cursor: Cursor | None = None) -> None:
        """cursor: the last one that the client has; text before it was told to it earlier."""
        self._message_id = message_id
        self._begin(cursor.position if cursor is not None else 0)

    def _begin(self, told: int) -> None:
        self._splitter = ThoughtSplitter()
        self._taken = 0
        self._told = told
        self._told_already = 0

    def missing_before(self, event: ReaderEvent) -> tuple[int, int] | None:
        """The epoch and length (bytes) of the text that must be recalled before this event can be taken; None: none."""
        if event["event_type"] != "token" or event["offset"] <= self._taken:
            return None
        return Cursor.parse(event["cursor"]).epoch, event["offset"]

    def recall(self, text: str, length: int) -> None:
        """The text before the next event, `length` bytes; empty where it is void and a restart will say so."""
        self._splitter = ThoughtSplitter()
        self._splitter.feed(text)
        self._taken = length
        # The client was told all of it; what the splitter holds back comes out of it once more.
        self._told_already = len(self._splitter.held)

    def take(self, event: ReaderEvent) -> list[ReaderEvent]:
        """What the client is told of this event."""
        match event["event_type"]:
            case "token":
                return self._token(event)
            case "restart":
                self._begin(0)
            case "message" | "error" if event.get("message") is not None:
                return [*self._rest(event), event]
        return [event]

    def _token(self, event: TokenEvent) -> list[ReaderEvent]:
        parts = self._splitter.feed(event["text"])
        self._taken = event["end"]
        return self._tell(parts, self._taken - len(self._splitter.held.encode()), Cursor.parse(event["cursor"]).epoch)

    def _rest(self, final: ReaderEvent) -> list[ReaderEvent]:
        """Nothing more comes: what was held back."""
        epoch = Cursor.parse(str(final.get("cursor") or Cursor(0, 0))).epoch
        return self._tell(self._splitter.finish(), self._taken, epoch)

    def _tell(self, parts: Sequence[Part], end: int, epoch: int) -> list[ReaderEvent]:
        told = {"thought": "", "reply": ""}
        for part in parts:
            told[part.kind] += part.text[self._told_already :]
            self._told_already = max(0, self._told_already - len(part.text))
        if not any(told.values()):
            return []
        offset, self._told = self._told, end
        return [
            events.thinking_token(
                self._message_id,
                cursor=str(Cursor(epoch, end)),
                offset=offset,
                end=end,
                text=told["reply"],
                thoughts=told["thought"],
            )
        ]
