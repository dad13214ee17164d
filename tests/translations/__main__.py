"""`make translations`: bring the catalogues up to date with the code, compile them, and say what is left to do."""
# ruff: noqa: T201  # it talks to a person on a terminal

from django.conf import settings

from tests.translations.catalogues import DOMAINS, SOURCE_LANGUAGE, mo_of, path_of, po_of, updated
from tests.translations.extraction import ROOT


def main() -> None:
    """Write every catalogue of every language of settings.LANGUAGES."""
    for language, _name in settings.LANGUAGES:
        if language == SOURCE_LANGUAGE:
            continue
        for domain in DOMAINS:
            catalog = updated(language, domain)
            path = path_of(language, domain)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(po_of(catalog))
            path.with_suffix(".mo").write_bytes(mo_of(catalog))
            missing = [message for message in catalog if message.id and (not message.string or message.fuzzy)]
            print(f"{path.relative_to(ROOT)}: {len(catalog)} texts, {len(missing)} to be translated")


if __name__ == "__main__":
    main()
