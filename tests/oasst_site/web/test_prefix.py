"""Where the site begins, for every request and every socket."""

import os
import subprocess
import sys

import pytest

from oasst_site.web.prefix import PathPrefix, with_prefix
from tests.live.one_machine import ROOT


@pytest.mark.parametrize(
    ("path", "prefix", "wanted"),
    [
        ("/login", "", "/login"),
        ("/", "", "/"),
        ("/chat/login", "/chat", "/chat/login"),
        ("/login", "/chat", "/chat/login"),
        ("/chat", "/chat", "/chat/"),
        ("/chat/", "/chat", "/chat/"),
        ("/chats", "/chat", "/chat/chats"),
        ("/a/b/login", "/a/b", "/a/b/login"),
    ],
)
def test_a_path_begins_with_the_prefix_whether_the_proxy_cut_it_off_or_not(path, prefix, wanted):
    assert with_prefix(path, prefix) == wanted


@pytest.mark.parametrize("prefix", ["", "/chat"])
async def test_a_client_cannot_tell_where_the_site_begins(prefix):
    seen = {}

    async def application(scope, receive, send):
        seen.update(scope)

    scope = {"type": "http", "path": f"{prefix}/login", "root_path": "/evil"}  # Daphne's, out of Daphne-Root-Path
    await PathPrefix(application, prefix)(scope, None, None)
    assert (seen["root_path"], seen["path"]) == (prefix, f"{prefix}/login")


def settings_with(value):
    return subprocess.run(
        [sys.executable, "-c", "from oasst_site import settings as s; print(s.PATH_PREFIX, s.STATIC_URL)"],
        cwd=ROOT,
        env=os.environ | {"PATH_PREFIX": value, "SECRET_KEY": "x"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("value", "printed"),
    [("/chat/", "/chat /chat/static/"), ("/", " /static/"), ("//", " /static/"), (" /a/b-c ", "/a/b-c /a/b-c/static/")],
)
def test_a_slash_at_the_end_does_not_matter(value, printed):
    assert settings_with(value).stdout.rstrip("\n") == printed


@pytest.mark.parametrize("value", ["chat", "https://example.org/chat", "/chat?x=1", "/a b"])
def test_what_is_no_path_is_refused_by_name(value):
    run = settings_with(value)
    assert run.returncode != 0
    assert "PATH_PREFIX" in run.stderr
    assert "like /chat" in run.stderr
