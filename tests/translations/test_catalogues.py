"""Every text that people see is in the catalogues and translated; the compiled catalogues are those of the texts."""

import gettext
import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings

from tests.translations.catalogues import DOMAINS, LOCALE, SOURCE_LANGUAGE, mo_of, path_of, read
from tests.translations.extraction import ROOT, template, templates

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd%]")
ORDINAL = "%(ordinal)s"
"""Only English writes a number so: 2nd; the texts with it are given the number as %(n)s, too."""

WAY_OUT = "run `make translations`, then fill in what is empty in the .po files and run it again (docs/page.md)"
TRANSLATED = [code for code, _ in settings.LANGUAGES if code != SOURCE_LANGUAGE]

each_catalogue = pytest.mark.parametrize(
    ("language", "domain"), [(language, domain) for language in TRANSLATED for domain in DOMAINS]
)


def texts(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def forms(message: Message) -> list[tuple[str, str]]:
    """(text, translation) of each plural form, or of the only one."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    singular, plural = message.id
    first, *others = list(message.string or ("", ""))
    return [(singular, first), *((plural, other) for other in others)]


def test_every_folder_of_translations_is_a_language_that_can_be_chosen():
    assert {path.name for path in LOCALE.iterdir()} == set(TRANSLATED)


@each_catalogue
def test_the_catalogue_has_exactly_the_texts_of_the_code(language, domain):
    here = {(message.id, message.context) for message in texts(read(language, domain))}
    wanted = {(message.id, message.context) for message in texts(template(domain))}
    assert (wanted - here, here - wanted) == (set(), set()), WAY_OUT


@each_catalogue
def test_every_text_is_translated(language, domain):
    missing = [
        message.id
        for message in texts(read(language, domain))
        if message.fuzzy or not all(translation for _, translation in forms(message))
    ]
    assert missing == [], f"to be translated in {path_of(language, domain).relative_to(ROOT)}; then `make translations`"


@each_catalogue
def test_translations_have_the_placeholders_of_their_texts(language, domain):
    for message in texts(read(language, domain)):
        known = {found.group() for text, _ in forms(message) for found in PLACEHOLDER.finditer(text)}
        for text, translation in forms(message):
            wanted = {found.group() for found in PLACEHOLDER.finditer(text)} - {ORDINAL}
            there = {found.group() for found in PLACEHOLDER.finditer(translation)} - {ORDINAL}
            may = known | ({"%(n)s"} if ORDINAL in text else set())
            assert there <= may, f"{translation!r} names what {text!r} does not give: {there - may}"
            assert wanted <= there, f"{translation!r} leaves out {wanted - there} of {text!r}"


@each_catalogue
def test_translations_end_as_their_texts_do(language, domain):
    end = re.compile(r"\s*([.:!?…]?)$")
    for message in texts(read(language, domain)):
        for text, translation in forms(message):
            assert end.search(translation)[1] == end.search(text)[1], (text, translation)


@each_catalogue
def test_the_compiled_catalogue_is_that_of_the_texts(language, domain, tmp_path):
    fresh = tmp_path / "fresh.mo"
    fresh.write_bytes(mo_of(read(language, domain)))
    with fresh.open("rb") as one, path_of(language, domain).with_suffix(".mo").open("rb") as other:
        wanted, there = (gettext.GNUTranslations(file)._catalog for file in (one, other))  # type: ignore[attr-defined]
    assert {key: text for key, text in there.items() if key} == {key: text for key, text in wanted.items() if key}, (
        "run `make translations`"
    )


UNTRANSLATED = {"oasst", "·"}
"""Words of the templates that are the same in every language."""

FOR_OPERATORS = ("oasst_site/openapi/", "workers/")
"""Their templates are English, like the rest of the admin's own words and the API's documentation."""


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_template_has_words_that_cannot_be_translated(path):
    if path.relative_to(ROOT).as_posix().startswith(FOR_OPERATORS):
        pytest.skip("for operators and programmers, in English")
    source = path.read_text(encoding="utf-8")
    source = re.sub(
        r"{% blocktranslate.*?{% endblocktranslate %}|{%.*?%}|{{.*?}}|{#.*?#}", " ", source, flags=re.DOTALL
    )
    attributes = re.findall(r'\s(?:aria-label|title|placeholder|alt)="([^"]*)"', source)
    words = re.sub(r"<!doctype html>|<svg.*?</svg>|<[^>]*>", " ", source, flags=re.DOTALL).split()
    words += " ".join(attributes).split()
    assert [word for word in words if word not in UNTRANSLATED] == [], (
        "wrap what people read in {% translate %} or {% blocktranslate %}"
    )
