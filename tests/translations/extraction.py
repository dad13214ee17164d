"""Finds the strings to translate, with Babel alone: Django's makemessages needs GNU gettext's programs.

Two catalogues, as Django has them: `django` for Python and templates, `djangojs` for the page's modules.
"""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("oasst_site", "workers", "chats")
MODULES = ROOT / "chats" / "page" / "static" / "chat"

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
}
"""Functions with the places of their texts; "c" is a context."""

CALL = re.compile(r"(?<!function )(?<![\w.])(?:n?gettext|pgettext)\(")
COMMENTS = re.compile(r"(?m)^\s*(//|\*|/\*\*).*$")
"""In the page's modules."""

COMMENT = "Translators:"

Found = tuple[str, str | tuple[str, ...], list[str], str | None]
"""Path, text or (singular, plural), comments for translators, context."""


class Unreadable(Exception):
    """A call whose text cannot be found, since it is no literal."""


def template(domain: str) -> Catalog:
    """All strings of the domain, without translations. Raises Unreadable."""
    catalog = Catalog(domain=domain)
    for path, text, comments, context in {"django": _server, "djangojs": _page}[domain]():
        catalog.add(text, locations=[(path, 0)], auto_comments=comments, context=context)
    return catalog


def templates() -> list[Path]:
    """Every template of ours."""
    folders = [folder for package in PACKAGES for folder in (ROOT / package).rglob("templates")]
    return sorted(path for folder in folders if "node_modules" not in folder.parts for path in folder.rglob("*.html"))


def _page() -> Iterator[Found]:
    for path in sorted(MODULES.rglob("*.js")):
        source = path.read_text(encoding="utf-8")
        yield from _read(path, source, "javascript", calls=len(CALL.findall(COMMENTS.sub("", source))))


def _server() -> Iterator[Found]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            if "import gettext" in source or "import ngettext" in source:
                yield from _read(path, source, "python", calls=_python_calls(source))
    for path in templates():
        source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        # Django has made Python calls between crossed-out text; indentation would mean something to Python.
        yield from _read(path, "\n".join(line.strip() for line in source.splitlines()), "python")


def _python_calls(source: str) -> int:
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return sum(isinstance(called, ast.Name) and called.id in KEYWORDS for called in calls)


def _read(path: Path, source: str, language: str, calls: int | None = None) -> Iterator[Found]:
    """The strings of one file; `calls` is how many there must be."""
    name = path.relative_to(ROOT).as_posix()
    options = {"parse_template_string": "true"} if language == "javascript" else {"encoding": "utf-8"}
    found = list(
        extract(language, io.BytesIO(source.encode()), keywords=KEYWORDS, comment_tags=[COMMENT], options=options)
    )
    if calls is not None and calls != len(found):
        raise Unreadable(
            f"{name} has {calls} calls of gettext, of which {len(found)} have their text in them: "
            "a text to be translated must be a literal, not a variable and not an f-string."
        )
    for _line, text, comments, context in found:
        yield name, text, comments, context
