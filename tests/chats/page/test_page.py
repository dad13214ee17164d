"""The page's document: who gets it, and that its policy lets in its own modules and nothing else."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from chats.page.modules import STATIC_FOLDER, module_paths
from oasst_site.accounts.models import User

IMPORT = re.compile(r"""^(?:import\b.*?|} )from "([^"]+)";$|\bimport\("([^"]+)"\)""", re.MULTILINE)


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("somebody"))
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/c/0197a1b2-0000-7000-8000-000000000000"])
def test_nobody_is_sent_to_the_login_form_and_back(path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login?next={path}")


@pytest.mark.django_db
def test_the_policy_allows_the_import_map_by_its_nonce_and_no_other_inline_code(browser: Client) -> None:
    answer = browser.get("/")
    html, policy = answer.content.decode(), answer["Content-Security-Policy"]
    nonce = re.search(r'<script type="importmap" nonce="([^"]+)">', html)
    assert nonce is not None
    assert f"'nonce-{nonce[1]}'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script(?![^>]*(?:\bsrc=|type=\"importmap\"|type=\"application/json\"))", html) == []
    assert re.search(r"\s(?:style|on\w+)=", html) is None
    assert browser.get("/").content.decode().count(nonce[1]) == 0, "each page has its own nonce"


@pytest.mark.django_db
def test_the_page_names_no_other_host(browser: Client) -> None:
    html = browser.get("/").content.decode()
    assert re.findall(r"(?:src|href|action)=\"(?!/|#)[^\"]*", html) == []


@pytest.mark.django_db
def test_every_import_of_every_module_is_in_the_import_map_and_is_served(browser: Client) -> None:
    html = browser.get("/").content.decode()
    source = re.search(r'<script type="importmap"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert source is not None
    imports = json.loads(source[1])["imports"]
    for path in STATIC_FOLDER.glob("chat/**/*.js"):
        for static_name, dynamic_name in IMPORT.findall(path.read_text()):
            name = static_name or dynamic_name
            assert name in imports, f"{path.name} imports {name}"
    for name, static_path in module_paths().items():
        assert finders.find(static_path), f"{name} is served from {static_path}, which is nowhere: run `npm ci`"


def test_the_libraries_are_pinned_and_their_lock_names_no_registry() -> None:
    folder = Path(STATIC_FOLDER).parent
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    lock = (folder / "package-lock.json").read_text()
    locked = json.loads(lock)["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert "resolved" not in lock
    assert "://" not in lock
