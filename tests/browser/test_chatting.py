"""The main job in a real browser: log in, ask, watch the reply grow, stop it, have another, go on after a reload."""

import json

from playwright.async_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.browser.site import kill_web
from tests.live.one_machine import OneMachine


async def test_one_click_logs_in_and_the_form_comes_back_after_logging_out(new_person: NewPerson) -> None:
    guest = await new_person("")
    await guest.page.goto(guest.site.url)
    await guest.page.get_by_role("button", name="Log in").click()
    await expect(guest.page.locator(".user-name")).to_have_text("guest")
    await guest.page.get_by_role("button", name="Log out").click()
    await expect(guest.page.get_by_role("heading", name="Log in")).to_be_visible()


async def test_a_reply_grows_before_it_is_complete(person: Person) -> None:
    await person.choose(preset="long")
    await person.ask("Tell me something that takes a while")
    early = await person.expect_growth()
    await person.expect_state("in_progress")
    later = await person.expect_growth(beyond=early)
    assert later.startswith(early.rstrip(" …"))
    await person.expect_state("complete")
    assert (await person.text_of_last_reply()).startswith(early)
    assert person.page.url.startswith(f"{person.site.url}/c/")
    await expect(person.chats).to_have_text(["Tell me something that takes a while"])


async def test_stop_keeps_what_was_shown(person: Person) -> None:
    await person.choose(preset="long")
    person.hold("Begin, and be stopped")
    await person.ask("Begin, and be stopped")
    shown = await person.expect_growth()
    await person.page.get_by_role("button", name="Stop the reply").click()
    await person.expect_state("cancelled")
    await expect(person.last_reply.locator(".note")).to_have_text("Stopped.")
    stopped = await person.text_of_last_reply()
    assert stopped.startswith(shown)
    await person.page.reload()
    await person.expect_state("cancelled")
    assert await person.text_of_last_reply() == stopped


async def test_another_reply_is_a_branch_and_arrows_lead_back(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("Say it in two ways")
    await person.expect_state("complete")
    first = await person.text_of_last_reply()
    await person.last_reply.get_by_role("button", name="Another reply").click()
    await expect(person.last_reply.locator(".branch-place")).to_have_text("2 / 2")
    await person.expect_state("complete")
    second = await person.text_of_last_reply()
    assert second != first
    async with person.changes_a_chat():
        await person.last_reply.get_by_role("button", name="Previous branch").click()
    await expect(person.last_reply.locator("> .prose")).to_have_text(first)
    await expect(person.last_reply.locator(".branch-place")).to_have_text("1 / 2")
    await person.page.reload()
    await expect(person.last_reply.locator("> .prose")).to_have_text(first)


async def test_an_edited_prompt_is_a_branch_and_the_old_one_stays(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("First words")
    await person.expect_state("complete")
    await person.ask("Second words")
    await expect(person.replies).to_have_count(2)
    await person.expect_state("complete")
    second = await person.text_of_last_reply()
    await person.page.locator(".message.prompt").last.hover()
    await person.page.locator(".message.prompt").last.get_by_role("button", name="Edit").click()
    editor = person.page.get_by_role("textbox", name="Edit the prompt")
    await editor.fill("Better words")
    await editor.press("Enter")
    await expect(person.prompts).to_have_text(["First words", "Better words"])
    await person.expect_state("complete")
    assert await person.text_of_last_reply() != second
    await person.page.locator(".message.prompt").last.get_by_role("button", name="Previous branch").click()
    await expect(person.prompts).to_have_text(["First words", "Second words"])
    await expect(person.last_reply.locator("> .prose")).to_have_text(second)


async def test_a_reload_in_mid_reply_shows_the_same_text_going_on(person: Person) -> None:
    await person.choose(preset="long")
    person.hold("Go on while I reload")
    await person.ask("Go on while I reload")
    before = await person.expect_growth()
    await person.page.reload()
    await person.expect_state("in_progress")
    person.go_on()
    after = await person.expect_growth(beyond=before)
    assert after.startswith(before)
    await person.expect_state("complete")
    complete = await person.text_of_last_reply()
    assert complete.startswith(after)
    await person.page.reload()
    await person.expect_state("complete")
    assert await person.text_of_last_reply() == complete


async def test_a_killed_web_process_is_a_pause_and_nothing_is_lost_or_doubled(person: Person, site: OneMachine) -> None:
    await person.choose(preset="long")
    await person.ask("Go on while the server is away")
    before = await person.expect_growth()
    kill_web(site)
    await expect(person.page.get_by_text("Connection lost. Reconnecting…")).to_be_hidden()
    after = await person.expect_growth(beyond=before)
    assert after.startswith(before)
    await person.expect_state("complete")
    complete = await person.text_of_last_reply()
    await person.page.reload()
    await person.expect_state("complete")
    assert await person.text_of_last_reply() == complete


async def test_a_double_click_sends_once(person: Person) -> None:
    await person.choose(preset="short")
    await person.box.fill("Only once, please")
    await person.send.dblclick()
    await person.expect_state("complete")
    await expect(person.prompts).to_have_text(["Only once, please"])
    await expect(person.chats).to_have_count(1)


async def test_two_windows_stay_in_step(new_person: NewPerson) -> None:
    one, other = await new_person("two windows"), await new_person("two windows")
    await one.choose(preset="short")
    await one.ask("Seen in both")
    await one.expect_state("complete")
    await other.page.goto(one.page.url)
    await other.expect_state("complete")
    await one.choose(preset="long")
    await one.ask("And this")
    await other.expect_growth()
    await expect(other.prompts).to_have_text(["Seen in both", "And this"])
    await one.expect_state("complete")
    await other.expect_state("complete")
    assert await other.text_of_last_reply() == await one.text_of_last_reply()


async def test_escape_asks_once_that_a_reply_be_stopped(person: Person) -> None:
    sent: list[str] = []
    person.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    await person.say("word " * 400, tokens_per_second=20)
    await person.expect_growth()
    await person.box.press("Escape")
    await person.expect_state("cancelled")
    assert len([frame for frame in sent if json.loads(frame)["type"] == "stop"]) == 1
