"""Writing and the list of chats: keys, drafts, rename, delete with undo; the phone."""

import re

from playwright.async_api import Route, expect

from tests.browser.conftest import PHONE, NewPerson
from tests.browser.person import Person

COME_TO_REST = """async (element) => {
    let top = element.scrollTop;
    for (let frames = 0; frames < 10; frames += 1) {
        await new Promise(requestAnimationFrame);
        if (element.scrollTop !== top) [top, frames] = [element.scrollTop, 0];
    }
    return top;
}"""
"""The wheel slides; where it ends."""


async def test_enter_sends_and_shift_enter_breaks_the_line(person: Person) -> None:
    await person.choose(preset="short")
    await person.box.press_sequentially("one")
    await person.box.press("Shift+Enter")
    await person.box.press_sequentially("two")
    await person.box.press("Enter")
    await expect(person.prompts).to_have_text(["one\ntwo"])
    await expect(person.box).to_have_value("")
    await person.expect_state("complete")


async def test_enter_that_ends_an_input_methods_composition_sends_nothing(person: Person) -> None:
    await person.box.focus()
    devtools = await person.page.context.new_cdp_session(person.page)
    await devtools.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    await person.box.evaluate(
        """box => box.addEventListener("keydown", (event) => box.setAttribute("data-composing", event.isComposing))"""
    )
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    await devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown"} | enter)
    await expect(person.box).to_have_attribute("data-composing", "true")
    await devtools.send("Input.insertText", {"text": "日本"})
    safari = (
        "{key: 'Enter', keyCode: 229, cancelable: true, bubbles: true}"  # for Safari the composition is over by then
    )
    await person.box.evaluate(f"box => box.dispatchEvent(new KeyboardEvent('keydown', {safari}))")
    await expect(person.box).to_have_value("日本")
    await expect(person.prompts).to_have_count(0)
    await person.choose(preset="short")
    await person.box.press("Enter")
    await expect(person.prompts).to_have_text(["日本"])
    await person.expect_state("complete")


async def test_the_box_grows_with_its_text_and_scrolls_when_it_is_high(person: Person) -> None:
    async def height() -> float:
        box = await person.box.bounding_box()
        assert box is not None
        return box["height"]

    one = await height()
    await person.box.fill("line\n" * 4)
    five = await height()
    assert five > one * 3
    await person.box.fill("line\n" * 200)
    assert await height() < 800 / 2
    await person.box.fill("")
    assert await height() == one


async def test_escape_stops_the_reply_and_closes_what_is_open_first(person: Person) -> None:
    await person.choose(preset="long")
    person.hold("Stop by key")
    await person.ask("Stop by key")
    await person.expect_growth()
    await person.page.locator(".title-button").click()
    await expect(person.page.get_by_role("menu")).to_be_visible()
    await person.page.keyboard.press("Escape")
    await expect(person.page.get_by_role("menu")).to_have_count(0)
    await person.expect_state("in_progress")
    await person.page.keyboard.press("Escape")
    await person.expect_state("cancelled")


async def test_a_draft_survives_a_reload_and_each_chat_has_its_own(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("A chat")
    await person.expect_state("complete")
    await person.box.fill("half a thought")
    await person.page.reload()
    await expect(person.box).to_have_value("half a thought")
    await person.page.get_by_role("link", name="New chat").first.click()
    await expect(person.box).to_have_value("")
    await person.chats.first.click()
    await expect(person.box).to_have_value("half a thought")


async def test_a_chat_is_renamed(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("A dull title")
    await person.expect_state("complete")
    await person.page.get_by_role("button", name=re.compile("Menu of the chat")).click()
    await person.page.get_by_role("menuitem", name="Rename").click()
    title = person.page.get_by_role("textbox", name="Title of the chat")
    await title.fill("A fine title")
    async with person.changes_a_chat():
        await title.press("Enter")
    await expect(person.page.locator("#chat-title")).to_have_text("A fine title")
    await person.page.reload()
    await expect(person.chats).to_have_text(["A fine title"])


async def test_a_deleted_chat_can_be_had_back_and_is_gone_otherwise(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("Delete me")
    await person.expect_state("complete")
    menu = person.page.get_by_role("button", name=re.compile("Menu of the chat"))
    await menu.click()
    await person.page.get_by_role("menuitem", name="Delete").click()
    await expect(person.chats).to_have_count(0)
    await person.page.get_by_role("button", name="Undo").click()
    await expect(person.chats).to_have_text(["Delete me"])
    await person.chats.hover()
    await menu.click()
    await person.page.get_by_role("menuitem", name="Delete").click()
    async with person.page.expect_request_finished(lambda request: request.method == "DELETE"):
        await person.page.get_by_role("button", name="Dismiss").click()
    await person.page.reload()
    await expect(person.page.get_by_text("Your chats will be listed here.")).to_be_visible()


async def test_a_reader_who_scrolls_up_is_left_in_peace(person: Person) -> None:
    await person.choose(preset="long")
    await person.ask("Enough words to scroll")
    await person.expect_state("complete")
    person.site.arm(kind="pace", tokens_per_second=25, prompt_contains="And more of them")
    await person.ask("And more of them")
    scroller = person.page.locator("#scroller")
    await person.expect_growth()
    jump = person.page.get_by_role("button", name="Jump to the newest")
    await expect(jump).to_be_hidden()
    await scroller.hover()
    await person.page.mouse.wheel(0, -300)
    await expect(jump).to_be_visible()
    top = await scroller.evaluate(COME_TO_REST)
    await person.expect_growth(beyond=await person.text_of_last_reply())
    assert await scroller.evaluate("element => element.scrollTop") == top
    await jump.click()
    await expect(jump).to_be_hidden()
    await person.expect_growth(beyond=await person.text_of_last_reply())
    await person.page.wait_for_function(
        "element => element.scrollHeight - element.scrollTop - element.clientHeight < 48",
        arg=await scroller.element_handle(),
    )


async def test_a_phone_shows_everything_within_its_width_and_the_list_as_a_drawer(new_person: NewPerson) -> None:
    person = await new_person(**PHONE)
    await person.choose(preset="short")
    await person.ask("A" * 200)
    await person.expect_state("complete")
    assert await person.page.evaluate("document.documentElement.scrollWidth") == 390
    sidebar = person.page.locator("#sidebar")
    await expect(sidebar).not_to_be_visible()
    await person.page.get_by_role("button", name="Open the list of chats").click()
    await expect(sidebar).to_be_in_viewport()
    await expect(person.page.locator("#main")).to_have_attribute("inert", "")
    await person.page.keyboard.press("Escape")
    await expect(sidebar).not_to_be_visible()
    await person.page.get_by_role("button", name="Open the list of chats").click()
    await person.page.locator("#new-chat").click()
    await expect(sidebar).not_to_be_visible()
    await expect(person.page.get_by_role("heading", name="What would you like to know?")).to_be_visible()


async def with_gpu(route: Route) -> None:
    """The server's own answer, from a machine that has GPUs."""
    answer = await route.fetch()
    provenance = await answer.json()
    gpu = {"name": "NVIDIA H100", "total_memory": 80 * 2**30}
    provenance["worker"]["hardware"]["gpus"] = [gpu, gpu]
    await route.fulfill(response=answer, json=provenance)


async def test_the_reply_tells_where_it_came_from(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("Who wrote this?")
    await person.expect_state("complete")
    await person.page.route("**/provenance", with_gpu)
    await person.last_reply.get_by_role("button", name="Where this reply came from").click()
    facts = person.last_reply.locator(".facts")
    for name in ("Model", "Worker", "Waited", "First token after", "Tokens", "Speed", "Seed"):
        await expect(facts.get_by_text(name, exact=True)).to_be_visible()
    await expect(facts).to_contain_text("talker")
    await expect(facts.locator("div", has_text="GPU")).to_contain_text("2 × NVIDIA H100 (80 GiB)")
    await expect(facts.locator("div", has_text="Speed")).to_contain_text("tokens/s")
    await person.picture("facts")
