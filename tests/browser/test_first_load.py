"""What the page asks for when it is opened: what its document names, and nothing later that it did not name."""

import asyncio
import re

from playwright.async_api import Route, expect

from tests.browser.conftest import PHONE, NewPerson
from tests.browser.person import Person

NAMED = re.compile(r'<(?:link|script)\b(?![^>]*\bdisabled\b)[^>]*\b(?:href|src)="([^"]+)"')


async def test_the_document_names_every_file_of_the_first_load(person: Person) -> None:
    """tests/chats/page/test_weight.py weighs what is named: a file that came otherwise would be weighed by nobody."""
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url.removeprefix(person.site.url)))
    answer = await person.page.reload(wait_until="networkidle")
    assert answer is not None
    await expect(person.model_button).to_have_text("talker")
    named = set(NAMED.findall(await answer.text()))
    static = {path for path in asked if path.startswith("/static/")}
    assert "/static/chat/app.js" in static
    assert static <= named


async def test_on_a_phone_the_list_of_chats_stays_away_until_it_is_asked_for(new_person: NewPerson) -> None:
    """A slow phone shows the document long before a script runs: nothing may lie over the page, or slide off it."""
    person = await new_person(**PHONE)
    await person.page.route("**/*.js", lambda route: route.abort())
    await person.page.goto(person.site.url)
    await expect(person.box).to_be_visible()
    await expect(person.page.locator("#sidebar")).to_be_hidden()
    await expect(person.send.locator(".icon")).to_be_visible()
    person.complaints.clear()  # the scripts that were kept away


async def test_what_is_clicked_before_the_script_runs_is_done_once_it_does(person: Person) -> None:
    clicked = asyncio.Event()

    async def wait(route: Route) -> None:
        await clicked.wait()
        await route.continue_()

    await person.page.route("**/chat/app.js", wait)
    await person.page.goto(person.site.url, wait_until="commit")
    await person.page.get_by_role("button", name="Settings").click()
    clicked.set()
    await expect(person.page.get_by_role("dialog", name="Settings")).to_be_visible()
