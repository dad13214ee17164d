"""The token stream between one writer (the current attempt of a message) and any number of readers.

Its text so far is in Redis (`buffer`, changed by one Lua `script`), its news goes through the Channels layer,
the truth about a finished reply is its row. `writer_state` and `reader_state` hold the rules and do no I/O;
`writer` and `reader` carry them out.
"""

from inference.stream.buffer import StreamBuffer, SyncStreamBuffer
from inference.stream.cursor import BadCursor, Cursor
from inference.stream.reader import Reader
from inference.stream.reader_state import FinalMessage
from inference.stream.script import FENCED, FINAL_TTL_S, OK, STALE, Letter, Opened, Snapshot, Verdict
from inference.stream.writer import Fenced, StreamError, StreamRefused, Writer

__all__ = [
    "FENCED",
    "FINAL_TTL_S",
    "OK",
    "STALE",
    "BadCursor",
    "Cursor",
    "Fenced",
    "FinalMessage",
    "Letter",
    "Opened",
    "Reader",
    "Snapshot",
    "StreamBuffer",
    "StreamError",
    "StreamRefused",
    "SyncStreamBuffer",
    "Verdict",
    "Writer",
]
