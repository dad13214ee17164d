"""Colours for Markdown as it streams: only ever appends, so nothing on the screen is drawn twice."""

from rich.color import ColorSystem
from rich.style import Style

CODE = Style(color="cyan")
BOLD = Style(bold=True)
HEADING = Style(bold=True, color="blue")
PLAIN = Style()

_FENCES = ("```", "~~~")


class MarkdownPainter:
    """Marks headings, **bold**, `code` and code fences in a growing text; the text itself stays as it is.

    It decides by what it has seen so far and never takes anything back, so a `**` that is never closed stays bold to
    the end of its paragraph.
    """

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled
        self._line = ""
        self._fence = ""
        self._heading = self._bold = self._code = False

    def feed(self, text: str) -> str:
        """The text with its escape sequences; each call ends in the plain style."""
        if not self._enabled:
            return text
        painted: list[str] = []
        run = ""
        style = PLAIN
        for character in text:
            its_style = self._next(character)
            if its_style is not style:
                painted.append(_paint(run, style))
                run, style = "", its_style
            run += character
        painted.append(_paint(run, style))
        return "".join(painted)

    def _next(self, character: str) -> Style:
        """Take one character; the style that it is shown in."""
        if character == "\n":
            return self._end_line()
        before, self._line = self._line.lstrip(" "), self._line + character
        line = self._line.strip(" ")
        if self._fence:
            return CODE
        if line in _FENCES:
            self._fence, self._code = line, False
            return CODE
        if character == " " and before and set(before) == {"#"} and len(before) <= 6:
            self._heading = True
        elif character == "`":
            self._code = not self._code
            return CODE
        elif self._code:
            return CODE
        elif self._line.endswith("**") and not self._line.endswith("***"):
            self._bold = not self._bold
            return BOLD
        if self._heading:
            return HEADING
        return BOLD if self._bold else PLAIN

    def _end_line(self) -> Style:
        line, self._line = self._line.strip(" "), ""
        if self._fence:
            if line == self._fence and self._opened:
                self._fence, self._opened = "", False
            else:
                self._opened = True
            return PLAIN
        self._heading = self._code = False
        if not line:
            self._bold = False
        return PLAIN

    _opened = False  # whether the line that opened the fence is over


def _paint(text: str, style: Style) -> str:
    return style.render(text, color_system=ColorSystem.STANDARD) if text else ""
