"""Where a terminal's cursor stands after a text, and what of a text is safe to send there."""

from rich.cells import get_character_cell_size

_TAB = 8
# A model's output must not steer the terminal: control characters become their pictures, C1 ones a replacement mark.
_VISIBLE = (
    {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t\r"}
    | {0x0D: None, 0x7F: 0x2421}
    | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
)


def visible(text: str) -> str:
    """The text with everything but line ends and tabs made harmless."""
    return text.translate(_VISIBLE)


def column_after(text: str, column: int, width: int) -> int:
    """The cursor's column (from 0) after the text, on a terminal of this width that wraps; `width` means the edge."""
    _, newline, last_line = text.rpartition("\n")
    if newline:
        column = 0
    for character in last_line:
        size = _TAB - column % _TAB if character == "\t" else get_character_cell_size(character)
        column = min(column + size, width) if character == "\t" or column + size <= width else size
    return column
