"""The line between browser and site breaks: a quiet banner, and nothing is lost or doubled once it is back."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.browser.conftest import NewPerson
from tests.browser.line import Line, line_to
from tests.browser.person import Person
from tests.live.one_machine import OneMachine
from tests.tries import once_more


@pytest_asyncio.fixture(loop_scope="session")
async def line(site: OneMachine) -> AsyncIterator[Line]:
    """A line of this test's own."""
    async with line_to(site.url) as line:
        yield line


@pytest_asyncio.fixture(loop_scope="session")
async def person(new_person: NewPerson, line: Line) -> Person:
    """Somebody who reaches the site over that line."""
    return await new_person(url=line.url)


LATEST_MS = 2200

WATCH_THE_BANNER = """() => {
    const banner = document.querySelector("#banner"), began = performance.now();
    window.shown = new Promise((resolve) => new MutationObserver(() => {
        if (!banner.hidden) resolve(performance.now() - began);
    }).observe(banner, { attributes: true }));
}"""


def banner(person: Person) -> Locator:
    """The line under the header."""
    return person.page.locator("#banner")


def forgive_refusals(person: Person) -> None:
    """The console tells of each attempt that was refused; nothing else may be there."""
    assert all("ERR_CONNECTION" in complaint or "WebSocket" in complaint for complaint in person.complaints)
    person.complaints.clear()


async def test_a_lost_connection_is_said_until_it_is_back_and_the_reply_goes_on(person: Person, line: Line) -> None:
    await person.choose(preset="long")
    await person.ask("Go on while the line is cut")
    before = await person.expect_growth()
    await line.cut()
    await expect(banner(person)).to_contain_text("Connection lost. Reconnecting…")
    assert (await person.text_of_last_reply()).startswith(before)
    await person.picture("connection-lost")
    await line.mend()
    await expect(banner(person)).to_be_hidden()
    await person.expect_state("complete")
    complete = await person.text_of_last_reply()
    assert complete.startswith(before)
    await person.page.reload()
    await person.expect_state("complete")
    assert await person.text_of_last_reply() == complete
    forgive_refusals(person)


async def test_the_banner_comes_though_each_attempt_to_reconnect_fails_meanwhile(person: Person, line: Line) -> None:
    """Attempts that fail are no news: they once began the banner's wait anew, and it came seconds late or never."""
    await person.choose(preset="short")
    await person.ask("Before the line is cut")
    await person.expect_state("complete")
    shown_ms: list[float] = []
    while once_more(shown_ms, below=LATEST_MS):
        if shown_ms:
            await line.mend()
            await expect(banner(person)).to_be_hidden()
        await person.page.evaluate(WATCH_THE_BANNER)
        await line.cut()
        shown_ms.append(await person.page.evaluate("window.shown"))
    assert 1000 < min(shown_ms) < LATEST_MS
    forgive_refusals(person)


async def test_what_is_sent_without_a_connection_goes_out_once_when_it_is_back(person: Person, line: Line) -> None:
    await person.choose(preset="short")
    await person.ask("Before")
    await person.expect_state("complete")
    await line.cut()
    await person.ask("While the line is cut")
    await expect(person.prompts).to_have_text(["Before", "While the line is cut"])
    await expect(banner(person)).to_be_visible()
    await line.mend()
    await banner(person).get_by_role("button", name="Try now").click()
    await expect(banner(person)).to_be_hidden()
    await expect(person.replies).to_have_count(2)
    await person.expect_state("complete")
    await person.page.reload()
    await expect(person.prompts).to_have_text(["Before", "While the line is cut"])
    await expect(person.replies).to_have_count(2)
    forgive_refusals(person)


async def test_the_first_prompt_of_a_chat_can_be_tried_again(person: Person, line: Line) -> None:
    await person.choose(preset="short")
    await line.cut()
    await person.ask("Nobody hears me")
    await expect(person.page.get_by_role("alert")).to_contain_text("Not sent.")
    await line.mend()
    await person.page.get_by_role("alert").get_by_role("button", name="Try again").click()
    await person.expect_state("complete")
    await expect(person.prompts).to_have_text(["Nobody hears me"])
    await expect(person.chats).to_have_count(1)
    forgive_refusals(person)
