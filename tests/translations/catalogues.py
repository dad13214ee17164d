"""The catalogue files: chats/locale/LANGUAGE/LC_MESSAGES/{django,djangojs}.po, and the .mo that Django reads.

The .mo are committed, as Django's own are: a fresh clone speaks every language without a step of its own.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.translations.extraction import ROOT, template

LOCALE = ROOT / "chats" / "locale"
DOMAINS = ("django", "djangojs")
SOURCE_LANGUAGE = "en"
"""It stands in the code."""

WIDTH = 110


def path_of(language: str, domain: str) -> Path:
    """The .po file."""
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def read(language: str, domain: str) -> Catalog:
    """The catalogue; an empty one when there is no file yet."""
    path = path_of(language, domain)
    if not path.exists():
        return Catalog(locale=language, domain=domain, project="oasst-inference", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def updated(language: str, domain: str) -> Catalog:
    """The catalogue with what the code has now: new strings are empty, those that are gone are left out."""
    catalog = read(language, domain)
    catalog.update(template(domain), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def po_of(catalog: Catalog) -> bytes:
    """The text of the .po file, without line numbers: they would change with every edit of the code."""
    file = io.BytesIO()
    write_po(file, catalog, width=WIDTH, include_lineno=False, sort_output=False)
    return file.getvalue()


def mo_of(catalog: Catalog) -> bytes:
    """The compiled catalogue."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()
