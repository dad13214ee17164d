"""What a reader may show, decided without I/O: the rules of reading a stream, as a state machine.

Events, looks and snapshots go in; `take` gives out the reader's events: no holes, every byte once.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from inference import events
from inference.events import FinalEvent, PendingEvent, ReaderEvent
from inference.stream.cursor import Cursor
from inference.stream.script import Snapshot, whole

OUTSTANDING_BYTES: Final = 256 * 1024
"""The most text that waits for a slow reader, in bytes."""

CANNOT_REWIND: Final = (
    "The reply was begun again from its start, and this connection cannot take back the text it has shown."
    " Load the message to read it."
)


@dataclass(frozen=True, slots=True)
class FinalMessage:
    """A reply whose row is final.

    content: the truth about its text; None: the message is gone (deleted), and nothing shown is taken back.
    event: the final `message` or `error` event, complete but for the cursor, which the reader sets.
    epoch: of that text (0: the row does not know it).
    """

    content: str | None
    event: Mapping[str, Any]
    epoch: int = 0

    def cursor(self) -> Cursor:
        """The cursor of a client that has all of it."""
        return Cursor(self.epoch, len((self.content or "").encode()))


class ReaderState:
    """One reader of one message.

    epoch: of the text that is being shown (None: none yet). shown: bytes that take() has given out, after
    those that the client says it has; what waits behind them has been accepted. Of what was given out only a
    digest is kept.
    """

    def __init__(
        self, message_id: str, cursor: Cursor | None = None, *, can_rewind: bool = True, bound: int = OUTSTANDING_BYTES
    ) -> None:
        """cursor: the last one that the client has. can_rewind: it understands `restart`.
        bound: the most text that waits for the client, in bytes.
        """
        self.message_id = message_id
        self.can_rewind = can_rewind
        self.bound = bound
        self.ended = False
        has_text = cursor is not None and cursor.position > 0
        self.epoch: int | None = cursor.epoch if cursor is not None and has_text else None
        self.shown = cursor.position if cursor is not None and has_text else 0
        self._known_from = self.shown  # what lies before is known by its length only
        self._digest = hashlib.blake2b(digest_size=16)
        self._waiting = bytearray()
        self._restart = False
        self._place: PendingEvent | None = None  # in the queue; only the newest counts
        self._final: FinalEvent | None = None
        self._finishing = False  # the row is final: its content is shown, the stream no longer matters
        self._must_look = True
        self._looked = False
        self._owed: tuple[int, int] = (-1, 0)  # epoch and end of text that was heard of
        self._last_wake = -1
        self._looking = False  # a snapshot is being taken
        self._ahead = bytearray()  # text that was heard meanwhile, behind what the snapshot is to bring
        self._ahead_at: tuple[int, int] = (-1, 0)  # its epoch and offset

    @property
    def position(self) -> int:
        """Bytes shown or waiting to be."""
        return self.shown + len(self._waiting)

    @property
    def wants_snapshot(self) -> bool:
        """Take a snapshot, once take() has nothing more to give."""
        if self._final is not None:
            return False
        return self._must_look or self._owed > (-1 if self.epoch is None else self.epoch, self.position)

    # what comes in

    def feed(self, event: Mapping[str, Any]) -> None:
        """An event for the message's readers: token, restart, pending; message and error: the row is final."""
        if self._final is not None:
            return
        kind = event.get("event_type")
        if kind == "token":
            self._token(event)
        elif kind == "restart":
            self._heard_of(_epoch(event), 0)
        elif kind in ("message", "error"):
            self._must_look = True
        elif kind == "pending":
            self._place = cast(PendingEvent, event)

    def look_again(self) -> None:
        """Something may have been missed: the subscription was renewed, the row is said to be final."""
        self._must_look = True

    def wake(self, epoch: int | None, length: int, is_final: bool) -> None:
        """The idle look, once a second: the stream's epoch (None: no stream) and length; is the row final?

        Text that is said to be there is asked for only if nothing came since the look before: while text
        flows, the next event shows a gap by itself.
        """
        if is_final:
            self._must_look = True
        elif epoch is not None and (self.epoch is None or epoch > self.epoch or self.position == self._last_wake):
            self._heard_of(epoch, length)
        self._last_wake = self.position

    @property
    def wants_row(self) -> bool:
        """The next snapshot needs a look at the row even if it is cut: there may be a final one."""
        return self._must_look

    def begin_snapshot(self) -> int:
        """A snapshot is being taken; returns the position to read from. What is heard later counts anew, and is kept:
        where events come more quickly than snapshots each would else leave a gap again, and the next be taken for it.
        """
        self._must_look = False
        self._owed = (-1, 0)
        self._looking = True
        return self.position

    def snapshot_failed(self) -> None:
        self._must_look = True
        self._stop_looking()

    def snapshot_taken(self, snapshot: Snapshot | None, final: FinalMessage | None) -> None:
        """The stream from the position on, and then the row (a cut one without `wants_row`: no row)."""
        if self._final is None and final is not None:
            self._finish(final, snapshot)
        elif self._final is None:
            self._finishing = False
            self._looked = True
            if snapshot is not None:
                self._show(snapshot)
        self._stop_looking()

    def _show(self, snapshot: Snapshot) -> None:
        if self.epoch is None:
            self.epoch = snapshot.epoch
        if snapshot.epoch < self.epoch:
            return
        if snapshot.epoch > self.epoch or self._splits_a_character(snapshot):
            self._rewind(snapshot.epoch)
            if self._final is not None:
                return
        if snapshot.offset > self.position:
            self._must_look = True
        else:
            self._accept(snapshot.epoch, snapshot.offset, snapshot.data)
            self._heard_of(snapshot.epoch, snapshot.length)
            epoch, offset = self._ahead_at
            if self._ahead and epoch == self.epoch and offset <= self.position:
                self._accept(epoch, offset, self._ahead)

    # what goes out

    def take(self) -> ReaderEvent | None:
        """The next event for the client. None: nothing for now, or `ended`."""
        epoch = self.epoch or 0
        if self._restart:
            self._restart = False
            return events.restart(self.message_id, cursor=str(Cursor(epoch, 0)))
        if self._waiting:
            data, offset = bytes(self._waiting), self.shown
            self._waiting.clear()
            self._digest.update(data)
            self.shown += len(data)
            return events.token(
                self.message_id,
                cursor=str(Cursor(epoch, self.shown)),
                offset=offset,
                end=self.shown,
                text=data.decode(errors="replace"),
            )
        if self._final is not None and not self.ended:
            self.ended = True
            return self._final
        place, self._place = self._place, None
        return place

    def _token(self, event: Mapping[str, Any]) -> None:
        if self._finishing:
            return
        epoch, offset, end = _epoch(event), event["offset"], event["end"]
        if self.epoch is None and offset == 0 and self._looked:
            self.epoch = epoch  # there was no stream, so this is its first text: no need to look for it
        if self.epoch is None or epoch > self.epoch or (epoch == self.epoch and offset > self.position):
            self._heard_of(epoch, end)
            if self._looking:
                self._keep(epoch, offset, event["text"].encode())
        elif epoch == self.epoch and end > self.position:
            self._accept(epoch, offset, event["text"].encode())

    def _keep(self, epoch: int, offset: int, data: bytes) -> None:
        """One piece without a hole: what does not follow takes its place. As much as may wait, and no more."""
        of, begins = self._ahead_at
        ends = begins + len(self._ahead)
        if not self._ahead or epoch > of or (epoch == of and offset > ends):
            self._ahead_at, self._ahead = (epoch, offset), bytearray(data)
        elif epoch == of and begins <= offset:
            self._ahead += data[ends - offset :]
        if len(self._ahead) > self.bound:
            self._ahead.clear()

    def _stop_looking(self) -> None:
        self._looking = False
        self._ahead.clear()

    def _accept(self, epoch: int, offset: int, data: bytes | bytearray) -> None:
        """data begins at or before the position. What is too much is asked for again, when all was taken."""
        tail = data[self.position - offset :]
        if len(self._waiting) + len(tail) > self.bound:
            self._heard_of(epoch, offset + len(data))
        else:
            self._waiting += tail
            self._place = None

    def _heard_of(self, epoch: int, end: int) -> None:
        self._owed = max(self._owed, (epoch, end))

    def _splits_a_character(self, snapshot: Snapshot) -> bool:
        """The client's cursor is none that we gave."""
        return snapshot.offset == self.shown == self._known_from and _inside(snapshot.data, 0)

    def _rewind(self, epoch: int) -> None:
        """What was shown is not the beginning of the text: begin again."""
        self._waiting.clear()
        self.epoch = epoch
        if self.shown == 0:
            return
        if not self.can_rewind:
            self._final = events.reader_error(self.message_id, error=CANNOT_REWIND)
            return
        self._restart = True
        self.shown = self._known_from = 0
        self._digest = hashlib.blake2b(digest_size=16)

    def _finish(self, final: FinalMessage, snapshot: Snapshot | None) -> None:
        """The row is final: its content is the truth."""
        self._finishing = True
        self._place = None
        self._waiting.clear()
        if final.content is None:
            self._final = cast(FinalEvent, final.event)
            return
        content = final.content.encode()
        epoch = final.epoch
        if not epoch:
            epoch = max(self.epoch or 0, snapshot.epoch if snapshot is not None else 0)
        if self._is_beginning_of(content, epoch):
            self.epoch = epoch
        else:
            self._rewind(epoch)
            if self._final is not None:
                return
        rest = content[self.shown :]
        if len(rest) > self.bound:
            self._waiting += rest[: whole(rest, self.bound)]
            self._must_look = True
            return
        self._waiting += rest
        cursor = str(Cursor(epoch, len(content)))
        self._final = cast(FinalEvent, {**final.event, "cursor": cursor})

    def _is_beginning_of(self, content: bytes, epoch: int) -> bool:
        """Is what was shown its beginning? What an earlier connection showed is known by length and epoch."""
        if self.shown > len(content) or _inside(content, self.shown):
            return False
        if self._known_from > 0 and self.epoch not in (0, epoch):
            return False
        part = content[self._known_from : self.shown]
        return hashlib.blake2b(part, digest_size=16).digest() == self._digest.digest()


def _epoch(event: Mapping[str, Any]) -> int:
    return int(event["cursor"].partition(".")[0])


def _inside(data: bytes, index: int) -> bool:
    """Does `index` lie inside a character?"""
    return index < len(data) and data[index] & 0xC0 == 0x80
