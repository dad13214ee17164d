"""Where a key stands in a TOML text, so that a wrong value is told with its line."""

import re

_HEADER = re.compile(r"^\s*\[{1,2}(?P<path>[^\]]+)\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"""^\s*(?P<key>"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*[.=]""")
_PART = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*(?:\.|$)""")


def line_of(text: str, path: tuple[str, ...]) -> int:
    """The line (from 1) of the key at ``path``, else of the nearest table around it, else 1.

    Only a scan for table headers and keys at the start of lines: enough for errors, no second TOML parser.
    Text within triple quotes is skipped.
    """
    best_line, best_depth = 1, 0
    table: tuple[str, ...] = ()
    quoted_by: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if quoted_by is not None:
            if quoted_by in line:
                quoted_by = None
            continue
        if header := _HEADER.match(line):
            table = _parts(header["path"])
            here = table
        elif key := _KEY.match(line):
            here = (*table, key["key"].strip("\"'"))
            quoted_by = _left_open(line)
        else:
            continue
        if here == path[: len(here)] and len(here) > best_depth:
            best_line, best_depth = number, len(here)
    return best_line


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted.strip()))


def _left_open(line: str) -> str | None:
    """The triple quote that this line opens and does not close."""
    for quote in ('"""', "'''"):
        if line.count(quote) % 2:
            return quote
    return None
