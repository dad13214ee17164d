"""Markdown files cut into sections at their headings."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, up to the next heading of any level.

    file: the file's name as people write it, such as ``docs/architecture.md``.
    titles: the headings above it and its own, outermost first; never empty.
    text: its Markdown without the heading.
    """

    file: str
    titles: tuple[str, ...]
    text: str

    @property
    def title(self) -> str:
        """Its own heading."""
        return self.titles[-1]

    @property
    def place(self) -> str:
        """Where it stands, for people: the file, then the headings from the outside in."""
        inner = self.titles[1:] or self.titles
        return " › ".join((self.file, *inner))


def read_sections(root: Path, files: Iterable[Path]) -> list[Section]:
    """The sections of these files, named by their path below ``root``.

    Raises ``OSError`` for a file that cannot be read; other encodings than UTF-8 lose their odd characters.
    """
    sections: list[Section] = []
    for path in files:
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        sections += cut(name, path.read_text(encoding="utf-8", errors="replace"))
    return sections


def cut(file: str, markdown: str) -> list[Section]:
    """The sections of one file that say something; text before the first heading is the file's own section."""
    titles: list[str] = [file]
    levels: list[int] = [0]
    lines: list[str] = []
    sections: list[Section] = []

    def close() -> None:
        text = _COMMENT.sub("", "\n".join(lines)).strip("\n").rstrip()
        if text.strip():
            path = tuple(titles[1:]) or (file,)
            sections.append(Section(file, path, text))
        lines.clear()

    fence: str | None = None
    for line in markdown.splitlines():
        mark = _FENCE.match(line)
        if fence is not None:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = None
        elif mark:
            fence = mark[1]
        elif heading := _HEADING.match(line):
            close()
            level = len(heading[1])
            while levels[-1] >= level:
                levels.pop()
                titles.pop()
            levels.append(level)
            titles.append(_LINK.sub(r"\1", heading[2]) or file)
            continue
        lines.append(line)
    close()
    return sections
