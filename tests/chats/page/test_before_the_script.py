"""The page as it is sent, before its script has run: a screen reader may be there first."""

from html.parser import HTMLParser

import pytest
from django.test import Client

from oasst_site.accounts.models import User


class Buttons(HTMLParser):
    """Collects the buttons that are shown: their id and what they are called."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        self._inside: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "button" and "hidden" not in given:
            self._inside = given.get("id") or given.get("class") or self.get_starttag_text() or ""
            self.names[self._inside] = given.get("aria-label") or ""

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self.names[self._inside] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._inside = None


@pytest.mark.django_db
def test_every_button_that_is_shown_has_a_name() -> None:
    client = Client()
    client.force_login(User.objects.create_user("somebody"))
    names = Buttons(client.get("/").content.decode()).names
    assert names["send"] == "Send"
    assert [button for button, name in names.items() if not name] == []
