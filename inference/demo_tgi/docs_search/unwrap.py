"""Puts paragraphs that were wrapped for an editor back on one line each: chat pages show a line break as one."""

import re

_FENCE = re.compile(r"^\s*(```|~~~)")
_BEGINS_A_BLOCK = re.compile(r"^\s*([-*+]\s|\d+[.)]\s|#{1,6}\s|>|\||!\[|<|={3,}$|-{3,}$)")
_ENDS_ITS_BLOCK = re.compile(r"^\s*(#{1,6}\s|\||<)|(  |\\)$")


def unwrap(markdown: str) -> str:
    """The same Markdown with each paragraph and list item on one line. Code, tables and headings stay as they are."""
    lines: list[str] = []
    in_code = False
    for line in markdown.split("\n"):
        is_fence = _FENCE.match(line) is not None
        previous = lines[-1] if lines else ""
        goes_on = not (in_code or is_fence or _FENCE.match(previous) or _BEGINS_A_BLOCK.match(line))
        if goes_on and line.strip() and previous.strip() and not _ENDS_ITS_BLOCK.search(previous):
            lines[-1] = f"{previous} {line.strip()}"
        else:
            lines.append(line)
        if is_fence:
            in_code = not in_code
    return "\n".join(lines)
