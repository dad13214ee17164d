"""Every page comes under the same strict policy: scripts and styles from here alone, nothing inline, no eval."""

import re

import pytest

from chats.models import Share
from tests.chats.people import Person

PAGES = [
    "/",
    "/login",
    "/signup",
    "/login/disabled",
    "/admin/login/",
    "/admin/",
    "/admin/chats/chat/",
    "/api/docs",
    "/api/docs/websocket",
    "/share/{token}",
    "/share/nothing",
    "/nowhere",
]
INLINE = re.compile(
    r"<script(?![^>]*\b(?:src|nonce)=)(?![^>]*type=\"application/json\")|<style\b|\sstyle=|\son\w+=|javascript:"
)


@pytest.mark.parametrize("path", PAGES)
def test_the_page_and_its_policy_fit_together(path, db, redis_url, admin_client):
    share = Share.objects.create(chat=Person.arrives().chat(), snapshot={"title": "t", "messages": []})
    answer = admin_client.get(path.format(token=share.token))
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"'self'( 'nonce-[^']+')?", policy["script-src"])
    assert policy["style-src"] == policy["connect-src"] == policy["font-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    if answer.headers["Content-Type"].startswith("text/html"):
        assert INLINE.findall(answer.content.decode()) == []


def test_an_answer_without_scripts_comes_under_the_same_policy_and_each_page_has_a_nonce_of_its_own(
    db, redis_url, admin_client
):
    policies = [admin_client.get(path).headers["Content-Security-Policy"] for path in ("/api/nowhere", "/", "/")]
    nonces = [re.findall(r" 'nonce-[^']+'", policy) for policy in policies]
    assert [len(each) for each in nonces] == [0, 1, 1]
    assert nonces[1] != nonces[2]
    assert {part.strip() for part in policies[0].split(";")} == {
        re.sub(r" 'nonce-[^']+'", "", part.strip()) for part in policies[1].split(";")
    }
