"""Theme and size of letters stand in the document itself, so that its first paint is right."""

import pytest
from django.test import Client

from oasst_site.accounts.models import User


def root(path: str, *, logged_in: bool = False, **cookies: str) -> str:
    """The document's first tag."""
    client = Client()
    if logged_in:
        client.force_login(User.objects.create_user("somebody"))
    client.cookies.load(cookies)
    html = client.get(path).content.decode()
    return html[html.index("<html") : html.index("<head>")]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "logged_in"), [("/", True), ("/login", False)])
def test_what_the_browser_chose_is_written_into_the_document(path: str, logged_in: bool) -> None:
    tag = root(path, logged_in=logged_in, oasst_theme="dark", oasst_text_size="large")
    assert 'data-theme="dark"' in tag
    assert 'data-text-size="large"' in tag


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["", "system", "pink", '"><script>'])
def test_anything_else_is_as_the_system_has_it(value: str) -> None:
    assert 'data-theme=""' in root("/login", oasst_theme=value)
