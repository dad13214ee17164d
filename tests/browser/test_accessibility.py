"""Nobody is kept out: axe finds nothing in any state, wide or on a phone, light or dark; the keyboard does all."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.browser.axe import faults_of
from tests.browser.conftest import PHONE, NewPerson
from tests.browser.person import Person

PROFILES = {
    "light": {"color_scheme": "light", "reduced_motion": "reduce"},
    "dark": {"color_scheme": "dark", "reduced_motion": "reduce"},
    "phone": PHONE | {"color_scheme": "light", "reduced_motion": "reduce"},
    "forced colours": {"forced_colors": "active", "reduced_motion": "reduce"},
}

every_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))


@every_profile
async def test_axe_finds_nothing_from_the_empty_page_to_the_end_of_a_reply(new_person: NewPerson, profile) -> None:
    person = await new_person(**profile)
    page = person.page
    found = {"empty": await faults_of(page)}
    await person.choose(preset="long")
    person.hold("Tell me something long with everything in it")
    await person.ask("Tell me something long with everything in it")
    await person.expect_growth()
    found["streaming"] = await faults_of(page)
    await page.get_by_role("button", name="Stop the reply").click()
    await person.expect_state("cancelled")
    found["stopped"] = await faults_of(page)
    await person.choose(model="nobody")
    await person.ask("Is anybody there?")
    await expect(person.last_reply).to_contain_text("No worker serves this model now.")
    found["nobody serves"] = await faults_of(page)
    await page.get_by_role("button", name="Stop the reply").click()
    await person.expect_state("cancelled")
    await page.locator("#model-button").click()
    found["models"] = await faults_of(page)
    await page.keyboard.press("Escape")
    await page.locator("#preset-button").click()
    found["presets"] = await faults_of(page)
    await page.keyboard.press("Escape")
    assert {state: faults for state, faults in found.items() if faults} == {}


@every_profile
async def test_axe_finds_nothing_in_menus_dialogs_errors_and_the_list(new_person: NewPerson, profile) -> None:
    person = await new_person(**profile)
    page = person.page
    await person.choose(preset="short")
    await person.ask("A chat to be looked at")
    await person.expect_state("complete")
    found = {"complete": await faults_of(page)}
    await page.locator(".message.prompt").last.hover()
    await page.locator(".message.prompt").last.get_by_role("button", name="Edit").click()
    found["editing"] = await faults_of(page)
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+/")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    found["shortcuts"] = await faults_of(page)
    await page.keyboard.press("Escape")
    if profile.get("is_mobile"):
        await page.get_by_role("button", name="Open the list of chats").click()
    await page.get_by_role("button", name=re.compile("Menu of the chat")).click()
    found["menu"] = await faults_of(page)
    await page.keyboard.press("Escape")
    await page.locator("#search").fill("looked")
    await expect(page.locator("#chats mark").first).to_be_visible()
    found["hits"] = await faults_of(page)
    await page.locator("#search").fill("")
    await page.locator("#settings-button").click()
    tabs = page.locator("dialog[open] [role=tab]")
    await expect(tabs.first).to_be_visible()
    for number in range(await tabs.count()):
        await tabs.nth(number).click()
        found[f"settings {number}"] = await faults_of(page)
    await page.keyboard.press("Escape")
    await page.goto(f"{person.site.url}/c/0197a1b2-0000-7000-8000-000000000000")
    await expect(page.get_by_role("heading", name="This chat does not exist.")).to_be_visible()
    found["missing"] = await faults_of(page)
    person.complaints.clear()  # 404
    assert {state: faults for state, faults in found.items() if faults} == {}


@every_profile
async def test_axe_finds_nothing_at_the_door(new_person: NewPerson, profile) -> None:
    person = await new_person("", **profile)
    found = {}
    for path in ("/login", "/signup", "/share/nothing"):
        await person.page.goto(f"{person.site.url}{path}")
        found[path] = await faults_of(person.page)
    person.complaints.clear()  # a link that leads nowhere is 404
    assert {state: faults for state, faults in found.items() if faults} == {}


async def test_axe_would_find_something(person: Person) -> None:
    await person.page.evaluate("document.querySelector('#prompt').insertAdjacentHTML('afterend', '<input>')")
    assert [fault["rule"] for fault in await faults_of(person.page)] == ["label"]


# --- the keyboard ---


async def test_a_chat_needs_no_mouse(person: Person) -> None:
    page = person.page
    await person.choose(preset="short")
    await person.box.focus()
    await page.keyboard.type("Only keys")
    await page.keyboard.press("Enter")
    await person.expect_state("complete")
    await expect(person.box).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(person.box).not_to_be_focused()
    await page.keyboard.press("c")
    await expect(page.locator("#toast")).to_contain_text("The last reply is copied.")
    await page.keyboard.press("b")
    await expect(page.locator("#sidebar")).not_to_be_visible()
    await page.keyboard.press("s")
    await expect(page.locator("#search")).to_be_focused()
    await page.keyboard.type("no shortcuts here: n m b c ?")
    await expect(page.locator("#search")).to_have_value("no shortcuts here: n m b c ?")
    await page.locator("#search").fill("")
    await page.keyboard.press("Escape")
    await page.locator("#scroller").focus()
    await page.keyboard.press("n")
    await expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    await expect(person.box).to_be_focused()


async def test_keys_lead_through_the_branches_and_stop_a_reply(person: Person) -> None:
    page = person.page
    await person.choose(preset="short")
    await person.ask("In two ways")
    await person.expect_state("complete")
    await person.last_reply.get_by_role("button", name="Another reply").click()
    place = person.last_reply.locator(".branch-place")
    await expect(place).to_have_text("2 / 2")
    await person.expect_state("complete")
    await page.keyboard.press("Escape")
    await page.keyboard.press("<")
    await expect(place).to_have_text("1 / 2")
    await page.keyboard.press(">")
    await expect(place).to_have_text("2 / 2")
    await page.keyboard.press("m")
    await expect(person.box).to_be_focused()
    await person.choose(preset="long")
    person.hold("To be stopped by a key")
    await person.ask("To be stopped by a key")
    await person.expect_growth()
    await page.keyboard.press("Escape")
    await person.expect_state("cancelled")
    await expect(person.box).to_be_focused()


async def test_the_sheet_gives_the_focus_back_and_single_keys_can_be_switched_off(
    person: Person,
) -> None:
    page = person.page
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    await person.box.focus()
    await page.keyboard.press("Control+/")
    await expect(sheet).to_be_visible()
    await sheet.get_by_role("checkbox").uncheck()
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await expect(person.box).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(sheet).to_be_hidden()
    await page.get_by_role("button", name="Keyboard shortcuts").click()
    await sheet.get_by_role("checkbox").check()
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(sheet).to_be_visible()


async def test_a_chat_that_is_deleted_by_keyboard_leaves_the_focus_beside_it(person: Person) -> None:
    page = person.page
    await person.choose(preset="short")
    for words in ("The first chat", "The second chat"):
        await person.ask(words)
        await person.expect_state("complete")
        await page.locator("#new-chat").click()
        await expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    await page.get_by_role("button", name="Menu of the chat The second chat").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("menuitem", name="Delete").press("Enter")
    await expect(person.chats).to_have_text(["The first chat"])
    await expect(page.get_by_role("button", name="Menu of the chat The first chat")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_role("menuitem", name="Delete").press("Enter")
    await expect(person.chats).to_have_count(0)
    await expect(page.locator("#new-chat")).to_be_focused()


async def test_the_end_of_a_reply_is_announced(person: Person) -> None:
    await person.say("Done.")
    await person.expect_state("complete")
    announcer = person.page.locator("#announcer")
    await expect(announcer).to_have_text("The reply is complete.")
    await expect(announcer).to_have_attribute("aria-live", "polite")


async def test_the_end_of_a_reply_that_was_over_before_it_was_drawn_is_announced_too(person: Person) -> None:
    over = asyncio.Event()

    def hear(frame: str | bytes) -> None:
        if isinstance(frame, str) and '"state":"complete"' in frame:
            over.set()

    person.page.on("websocket", lambda socket: socket.on("framereceived", hear))
    await person.page.evaluate("""() => {
        const draw = window.requestAnimationFrame.bind(window);
        window.held = [];
        window.requestAnimationFrame = (frame) =>
            document.querySelector(".message.reply") ? window.held.push(frame) : draw(frame);
    }""")
    await person.say("Done.")
    async with asyncio.timeout(60):
        await over.wait()
    await person.page.evaluate("window.held.forEach((frame) => frame(0))")
    await person.expect_state("complete")
    await expect(person.page.locator("#announcer")).to_have_text("The reply is complete.")


async def test_at_twice_the_size_everything_is_within_the_window(new_person: NewPerson) -> None:
    person = await new_person(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    await person.choose(preset="short")
    await person.ask("Zoomed")
    await person.expect_state("complete")
    assert await person.page.evaluate("document.documentElement.scrollWidth") <= 640
    await expect(person.box).to_be_in_viewport()
    await expect(person.send).to_be_in_viewport()


# --- right to left ---

ARABIC = "مرحبا، كيف حالك؟"
MIXED = f"{ARABIC}\n\nA line in English.\n\n- {ARABIC}\n- {ARABIC}\n\n```python\nprint(1)\n```\n"


async def test_each_block_of_a_text_has_the_direction_of_its_own_words(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask(ARABIC)
    await person.expect_state("complete")
    await person.say(MIXED)
    await expect(person.replies).to_have_count(2)
    await person.expect_state("complete")
    direction = "element => getComputedStyle(element).direction"
    assert await person.prompts.first.evaluate(direction) == "rtl"
    paragraphs = person.last_reply.locator(".prose p")
    assert [await each.evaluate(direction) for each in await paragraphs.all()][:2] == ["rtl", "ltr"]
    assert await person.last_reply.locator(".prose ul").evaluate(direction) == "rtl"
    assert await person.last_reply.locator(".prose pre").evaluate(direction) == "ltr"
    await person.picture("rtl-messages")


@pytest.mark.parametrize("profile", [{}, PHONE], ids=["wide", "phone"])
async def test_the_page_as_a_whole_turns_round(new_person: NewPerson, profile) -> None:
    person = await new_person(**profile)
    page = person.page
    await page.evaluate("document.documentElement.dir = 'rtl'")
    await person.choose(preset="short")
    await person.ask(ARABIC)
    await person.expect_state("complete")
    await person.say(MIXED)
    await expect(person.replies).to_have_count(2)
    await person.expect_state("complete")
    width = await page.evaluate("innerWidth")
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    if profile:
        await expect(page.locator("#sidebar")).not_to_be_in_viewport()
        await page.get_by_role("button", name="Open the list of chats").click()
    await page.wait_for_function(
        "() => document.querySelector('#sidebar').getBoundingClientRect().right === innerWidth"
    )
    await person.picture(f"rtl-{'phone' if profile else 'wide'}")
    if not profile:
        await page.locator("#model-button").click()
        panel = await page.locator("#model-panel").bounding_box()
        assert panel is not None
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= width
        assert await faults_of(page) == []
