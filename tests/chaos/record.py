"""What one reader of a reply was shown: every event and every byte, as a client without any mercy counts them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Record:
    """One reader's story of one reply. A restart takes the text back; what came twice or left a hole is counted."""

    kind: str
    message_id: str
    text: bytes = b""
    cursor: str | None = None
    """The last one received, to come back with."""
    doubled: int = 0
    """Bytes that were shown a second time."""
    holes: int = 0
    """Events whose text did not begin where the text before it ended."""
    restarts: int = 0
    connections: int = 0
    finals: list[Mapping[str, Any]] = field(default_factory=list)
    """The final events; there must be one."""
    heard_at: list[float] = field(default_factory=list)
    """When there was more text, or the end (time.monotonic)."""
    lost: list[str] = field(default_factory=list)
    """How connections were lost."""
    problems: list[str] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """A final event was received."""
        return bool(self.finals)

    def take(self, event: Mapping[str, Any]) -> None:
        """One event off the wire, of this reply."""
        if self.ended:
            self.problems.append(f"a {event['event_type']} event after the final one")
        if event["event_type"] in ("token", "message", "error"):
            self.heard_at.append(time.monotonic())
        match event["event_type"]:
            case "token":
                self._token(event)
            case "restart":
                self.restarts += 1
                self.text = b""
            case "message" | "error":
                self.finals.append(event)
        self.cursor = event.get("cursor") or self.cursor

    def take_message(self, message: Mapping[str, Any]) -> None:
        """The finished message by REST: what was not shown of its content is shown now."""
        content = str(message["content"]).encode()
        if content.startswith(self.text):
            self.text = content
        self.take({"event_type": "message", "message": message})

    def _token(self, event: Mapping[str, Any]) -> None:
        data, offset = event["text"].encode(), event["offset"]
        if event["end"] - offset != len(data):
            self.problems.append(f"a token event of {len(data)} bytes says {offset}..{event['end']}")
        if offset < len(self.text):
            self.doubled += min(len(self.text) - offset, len(data))
        elif offset > len(self.text):
            self.holes += 1
        self.text += data
