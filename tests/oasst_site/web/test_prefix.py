"""Where the site begins, for every request and every socket."""

import os
from collections.abc import Iterator

import pytest

from oasst_site.web.prefix import PathPrefix, with_prefix
from tests.forked import Forked, forked


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


@pytest.fixture(scope="module")
def fork() -> Iterator[Forked]:
    with forked() as process:
        yield process


def settings_with(fork, value):
    code = "from oasst_site import settings as s; print(s.PATH_PREFIX, s.STATIC_URL)"
    return fork.run("-c", code, environ=os.environ | {"PATH_PREFIX": value, "SECRET_KEY": "x"})


@pytest.mark.parametrize(
    ("value", "printed"),
    [("/chat/", "/chat /chat/static/"), ("/", " /static/"), ("//", " /static/"), (" /a/b-c ", "/a/b-c /a/b-c/static/")],
)
def test_a_slash_at_the_end_does_not_matter(fork, value, printed):
    assert settings_with(fork, value).stdout.rstrip("\n") == printed


@pytest.mark.parametrize("value", ["chat", "https://example.org/chat", "/chat?x=1", "/a b"])
def test_what_is_no_path_is_refused_by_name(fork, value):
    run = fork.run("manage.py", "check", environ=os.environ | {"PATH_PREFIX": value})
    assert run.returncode == 2
    (line,) = run.stderr.splitlines()
    assert line.startswith('Error: Environment variable "PATH_PREFIX" invalid: ')
    assert "like /chat" in line
    assert f"It is {value!r}" in line
