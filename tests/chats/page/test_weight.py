"""How much the page's first load weighs: the document and all that it asks for at once, compressed as it is served."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from oasst_site.accounts.models import User

LIMIT = 200_000  # bytes
AT_ONCE = re.compile(r'<(?:link|script)\b(?![^>]*\bdisabled\b)[^>]*\b(?:href|src)="/static/([^"]+)"')


@pytest.mark.django_db
def test_the_first_load_weighs_less_than_200_kb_compressed() -> None:
    client = Client()
    client.force_login(User.objects.create_user("somebody"))
    html = client.get("/").content
    paths = set(AT_ONCE.findall(html.decode()))
    assert {"chat/app.js", "chat/css/base.css", "vendor/marked/marked.esm.js"} <= paths
    assert not any("katex" in path or "highlight.min" in path for path in paths)
    weights = {path: len(gzip.compress(_read(path), 9)) for path in paths}
    total = sum(weights.values()) + len(html)  # the document itself may be sent as it is
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:5]
    assert total < LIMIT, f"{total} bytes in {len(weights) + 1} files; the heaviest: {heaviest}"


def _read(path: str) -> bytes:
    found = finders.find(path)
    assert isinstance(found, str), f"{path} is nowhere: run `npm ci`"
    return Path(found).read_bytes()
