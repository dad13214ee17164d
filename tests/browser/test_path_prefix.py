"""The site below a path of its host, behind a real nginx, as in https://example.org/chat/."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.browser.person import Person
from tests.live.nginx import needs_nginx, nginx
from tests.live.one_machine import OneMachine, another_web_process

PREFIX = "/chat"
pytestmark = needs_nginx


@pytest.fixture(scope="module")
def prefixed(site: OneMachine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneMachine]:
    """The site at a path, by one more web process and nginx."""
    folder = tmp_path_factory.mktemp("prefix")
    with (
        another_web_process(site, folder, {"PATH_PREFIX": f"{PREFIX}/"}) as web,
        nginx("http", folder, [web], location=f"{PREFIX}/") as proxy,
    ):
        yield replace(site, url=f"{proxy.http}{PREFIX}")


async def test_a_person_logs_in_chats_reloads_shares_and_logs_out_below_the_path(
    prefixed: OneMachine, browser: Browser
) -> None:
    context = await browser.new_context()
    person = Person(prefixed, await context.new_page())
    await person.log_in("somebody below a path")
    await person.choose(preset="short")
    await person.ask("Does it work here?")
    await person.expect_state("complete")
    said = await person.text_of_last_reply()
    assert person.page.url.startswith(f"{prefixed.url}/c/")
    await person.page.reload()
    await person.expect_state("complete")
    assert await person.text_of_last_reply() == said
    cookies = {cookie["name"]: cookie["path"] for cookie in await context.cookies()}
    assert cookies == {"sessionid_chat": "/chat/", "csrftoken_chat": "/chat/"}
    await person.page.get_by_role("button", name="Log out").click()
    await expect(person.page).to_have_url(f"{prefixed.url}/login")
    await person.page.get_by_role("button", name="Deutsch").click()
    await expect(person.page.get_by_role("heading", name="Anmelden")).to_be_visible()
    assert person.complaints == []
    await context.close()


async def test_a_chats_address_leads_over_the_form_and_back(prefixed: OneMachine, browser: Browser) -> None:
    context = await browser.new_context(locale="de-DE")
    person = Person(prefixed, await context.new_page())
    chat = f"{prefixed.url}/c/0197a1b2-0000-7000-8000-000000000000"
    await person.page.goto(chat)
    await expect(person.page).to_have_url(f"{prefixed.url}/login?next={urlsplit(chat).path}")
    await person.page.get_by_role("button", name="Anmelden").click()
    await expect(person.page).to_have_url(chat)
    await expect(person.page.get_by_role("heading", name="Diesen Chat gibt es nicht.")).to_be_visible()
    await context.close()


def test_programs_find_everything_below_the_path(prefixed: OneMachine) -> None:
    document = httpx.get(f"{prefixed.url}/api/schema").json()
    assert document["servers"] == [{"url": PREFIX}]
    assert "/api/chats" in document["paths"]
    headers = {"Authorization": f"Bearer {prefixed.somebody()}"}
    chat = httpx.post(f"{prefixed.url}/api/chats", json={}, headers=headers).json()
    share = httpx.post(f"{prefixed.url}/api/chats/{chat['id']}/shares", json={}, headers=headers).json()
    origin = prefixed.url.removesuffix(PREFIX)
    assert httpx.get(origin + share["path"]).status_code == 200
    assert "text/html" in httpx.get(origin + share["page_path"]).headers["Content-Type"]
    assert httpx.get(f"{prefixed.url}/api/docs").text.count(f'src="{PREFIX}/static/') >= 2
    assert httpx.get(f"{prefixed.url}/admin/").headers["Location"] == f"{PREFIX}/admin/login/?next={PREFIX}/admin/"
    assert httpx.get(f"{prefixed.url}/healthz").is_success


def test_what_is_beside_the_path_is_not_ours(prefixed: OneMachine) -> None:
    origin = prefixed.url.removesuffix(PREFIX)
    assert httpx.get(f"{origin}/login").status_code == 404, "nginx' own"
    assert httpx.get(f"{origin}/chats").status_code == 404


def test_a_proxy_may_cut_the_path_off(prefixed: OneMachine, site: OneMachine, tmp_path: Path) -> None:
    """As a proxy_pass with a path does: the web process sees /login."""
    with another_web_process(site, tmp_path, {"PATH_PREFIX": PREFIX}) as web:
        answer = httpx.get(f"{web}/c/1")
        assert answer.headers["Location"] == f"{PREFIX}/login?next={PREFIX}/c/1"
        assert f'href="{PREFIX}/static/' in httpx.get(f"{web}/login").text
        assert httpx.get(f"{web}/static/chat/app.js").status_code == 200
        assert httpx.get(f"{web}{PREFIX}").headers["Location"] == f"{PREFIX}/login?next={PREFIX}/"
