"""The page's ES modules by the names under which they import each other, and the addresses they are served from.

Modules import bare names (`#chat/reducer`) that the page's import map turns into addresses: so a file may be served
under a name with its content's hash (WhiteNoise), which no import statement could know. Node reads the same names from
package.json, so tests import the very same files.
"""

from pathlib import Path

from django.templatetags.static import static

STATIC_FOLDER = Path(__file__).resolve().parent / "static"

LIBRARIES = {
    "marked": "vendor/marked/marked.esm.js",
    "dompurify": "vendor/dompurify/purify.es.mjs",
    "@highlightjs/cdn-assets/es/highlight.min.js": "vendor/highlight/highlight.min.js",
    "katex/dist/katex.min.js": "vendor/katex/katex.min.js",
}
"""Import name -> path under STATIC_URL of each library; settings.STATICFILES_DIRS maps vendor/ to node_modules."""

LATER = frozenset({"@highlightjs/cdn-assets/es/highlight.min.js", "katex/dist/katex.min.js"})
"""Libraries that are fetched only when they are needed."""

LATER_FOLDER = "#chat/views/settings/"
"""The beginning of the names of our own modules of which that is true."""


def module_paths() -> dict[str, str]:
    """Import name -> path under STATIC_URL of every module of the page and its libraries."""
    own = sorted(STATIC_FOLDER.glob("chat/**/*.js"))
    return {f"#{_name(path).removesuffix('.js')}": _name(path) for path in own} | LIBRARIES


def import_map() -> dict[str, dict[str, str]]:
    """{"imports": {import name: address}}. Raises ValueError for a file that collectstatic has not seen."""
    return {"imports": {name: static(path) for name, path in module_paths().items()}}


def preloads() -> list[str]:
    """Addresses to be fetched at once rather than one import after the other."""
    now = {name: path for name, path in module_paths().items() if name not in LATER}
    return [static(path) for name, path in now.items() if not name.startswith(LATER_FOLDER)]


def _name(path: Path) -> str:
    return path.relative_to(STATIC_FOLDER).as_posix()
