"""Drawing a reply: live on a terminal, or whole into a pipe. Status and notes never mix with the reply's text."""

import os
from typing import IO, Protocol, TextIO

from rich.console import Console
from rich.text import Text as StyledText

from chats.text_client.cells import column_after, visible
from chats.text_client.errors import Refused, ReplyFailed, Unreachable
from chats.text_client.markdown import MarkdownPainter
from chats.text_client.reply import Disconnected, Ended, ReplyEvent, Restarted, Text, Thinking, Waiting

THINKING = "The model is thinking."
SILENT = "Waiting for the next words. Ctrl-C stops the reply."
STOPPING = "Stopping the reply. Ctrl-C again leaves."


class Screen(Protocol):
    """Where one reply is drawn."""

    def draw(self, event: ReplyEvent) -> None:
        """Show one event."""

    def status(self, text: str) -> None:
        """Show a passing line, gone with the next text; empty takes it away."""

    def passing(self, text: str) -> None:
        """The same, but where `stopping` is said, that stays."""

    def stopping(self) -> None:
        """The reply is being stopped: say so until it has ended, whatever else happens."""

    def note(self, text: str, style: str = "dim") -> None:
        """Say something lasting beside the reply."""


class StatusLine:
    """One passing line on a terminal, below the text so far; taking it away puts the cursor back behind the text.

    It is written only when its words change. On anything but a terminal it is silent.
    """

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._shown = ""
        self._column = 0
        self._kept = ""

    def keep(self, text: str) -> None:
        """Show this text in the place of every other one until it is taken away by an empty one."""
        self._kept = text

    def pass_by(self, text: str, column: int = 0) -> None:
        """Show the text, or take it away, where none is kept."""
        if not self._kept:
            self.show(text, column)

    def show(self, text: str, column: int = 0) -> None:
        """Show the text; `column` is where the cursor stands in the reply. An empty one takes the line away."""
        self._kept = self._kept if text else ""
        text = self._kept or text
        if text == self._shown or not self._out.isatty():
            return
        if not text:
            self.clear()
            return
        start = "\r\x1b[2K"
        if not self._shown:
            self._column = column
            start = "\n" if column else ""
        line = StyledText(text)
        line.truncate(max(10, terminal_width(self._out) - 1), overflow="ellipsis")
        self._out.write(f"{start}\x1b[2m{line.plain}\x1b[0m")
        self._out.flush()
        self._shown = text

    def clear(self) -> None:
        """Take the line away."""
        if not self._shown:
            return
        back = ""
        if 0 < self._column < terminal_width(self._out):  # at the edge the next text begins a line of its own anyway
            back = f"\x1b[A\x1b[{self._column + 1}G"
        self._out.write(f"\r\x1b[2K{back}")
        self._out.flush()
        self._shown = ""


class TerminalScreen:
    """The reply as it streams, appended and never drawn again."""

    def __init__(self, out: TextIO, notes: Console) -> None:
        self._out = out
        self._notes = notes
        self._status = StatusLine(out)
        self._column = 0
        colours = notes.color_system is not None and not notes.no_color and os.environ.get("TERM") != "dumb"
        self._colours = colours
        self._painter = MarkdownPainter(enabled=colours)
        self._empty = True

    def draw(self, event: ReplyEvent) -> None:
        match event:
            case Text(text):
                self._write(visible(text))
                self._empty = False
            case Thinking():
                self.status(THINKING)
            case Waiting():
                self.status(waiting_line(event))
            case Disconnected(failure):
                self.status(trying_again_line(failure))
            case Restarted():
                self.note("The reply starts anew: its text so far was lost on the server.", "yellow")
                self._painter = MarkdownPainter(enabled=self._colours)
                self._empty = True
            case Ended():
                self._end(event)

    def status(self, text: str) -> None:
        self._status.show(text, self._column)

    def passing(self, text: str) -> None:
        self._status.pass_by(text, self._column)

    def stopping(self) -> None:
        self._status.keep(STOPPING)
        self.status(STOPPING)

    def note(self, text: str, style: str = "dim") -> None:
        self._status.clear()
        self._fresh_line()
        self._notes.print(StyledText(text, style=style), soft_wrap=True)

    def _write(self, text: str) -> None:
        self._status.clear()
        self._out.write(self._painter.feed(text))
        self._out.flush()
        self._column = column_after(text, self._column, terminal_width(self._out))

    def _fresh_line(self) -> None:
        if self._column:
            self._out.write("\n")
            self._out.flush()
            self._column = 0

    def _end(self, end: Ended) -> None:
        self._status.clear()
        self._fresh_line()
        self._painter = MarkdownPainter(enabled=self._colours)
        for text, style in closing_words(end, empty=self._empty):
            self.note(text, style)
        self._empty = True


class PlainScreen:
    """The reply as plain text for a pipe or a file; status and notes go to stderr.

    By default a reply is written when it is whole, so that what was written is what is stored. With `stream` it is
    written as it comes; a reply that then starts anew cannot be unwritten and raises ReplyFailed.
    """

    def __init__(self, out: TextIO, notes: Console, *, stream: bool = False) -> None:
        self._out = out
        self._notes = notes
        self._status = StatusLine(notes.file)
        self._stream = stream
        self._text: list[str] = []
        self._waited_for_worker = False

    def draw(self, event: ReplyEvent) -> None:
        match event:
            case Text(text):
                self._status.clear()
                self._text.append(text)
                if self._stream:
                    self._out.write(text)
                    self._out.flush()
            case Thinking():
                self.status(THINKING)
            case Waiting():
                self.status(waiting_line(event))
                if event.workers == 0 and not self._waited_for_worker and not self._notes.is_terminal:
                    self._waited_for_worker = True
                    self.note(waiting_line(event))
            case Disconnected(failure):
                self.status(trying_again_line(failure))
            case Restarted():
                if self._stream:
                    raise ReplyFailed(
                        "The reply started anew on the server after part of it was written; that part does not count. "
                        "Without --stream a reply is written only when it is whole."
                    )
                self._text.clear()
            case Ended():
                self._end(event)

    def status(self, text: str) -> None:
        self._status.show(text)

    def passing(self, text: str) -> None:
        self._status.pass_by(text)

    def stopping(self) -> None:
        self._status.keep(STOPPING)
        self.status(STOPPING)

    def note(self, text: str, style: str = "dim") -> None:
        self._status.clear()
        self._notes.print(StyledText(text, style=style), soft_wrap=True)

    def _end(self, end: Ended) -> None:
        self._status.clear()
        text = "".join(self._text)
        self._text.clear()
        if not self._stream:
            self._out.write(text)
        if not text.endswith("\n"):
            self._out.write("\n")
        self._out.flush()
        for words, style in closing_words(end, empty=not text):
            self.note(words, style)


def waiting_line(waiting: Waiting) -> str:
    """A pending reply's place in the queue, in words."""
    if waiting.workers == 0:
        return "No worker serves this model now; the reply comes as soon as one does."
    ahead = waiting.position
    line = "Waiting: next in the queue" if ahead == 0 else f"Waiting: {ahead} before this one in the queue"
    return line if waiting.estimate_s is None else f"{line}, about {max(1, round(waiting.estimate_s))} s"


def trying_again_line(failure: Unreachable | Refused) -> str:
    """A connection that is tried again, in words."""
    return f"{failure.short}; trying again. Ctrl-C stops."


def closing_words(end: Ended, *, empty: bool) -> list[tuple[str, str]]:
    """What is to be said under a reply that is over: (text, style) each; nothing under an ordinary one."""
    words = []
    match end.state:
        case "complete" if empty:
            words.append(("(The model ended its reply without a word.)", "dim"))
        case "cancelled":
            words.append(("(Stopped.)", "dim"))
        case "timeout":
            words.append((f"The reply waited too long for a worker: {end.error or 'timeout'}", "red"))
        case "aborted_by_worker":
            words.append((f"The reply failed: {end.error or 'its worker gave up'}", "red"))
    if end.state == "complete" and end.message.get("finish_reason") == "length":
        limit = ((end.message.get("work_parameters") or {}).get("sampling_parameters") or {}).get("max_new_tokens")
        words.append((f"(Cut at its limit{f' of {limit} tokens' if limit else ''}.)", "dim"))
    return words


def terminal_width(out: IO[str]) -> int:
    """The columns of the terminal behind `out`; 80 where there is none or it does not say."""
    try:
        return os.get_terminal_size(out.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
