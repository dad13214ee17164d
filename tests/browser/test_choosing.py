"""Choosing: models with how they are served, presets, parameters of one's own, and what stands over a chat."""

import asyncio
import re
from typing import Any

from playwright.async_api import Locator, Route, expect

from tests.browser.conftest import PHONE, NewPerson
from tests.browser.person import Person


async def open_parameters(person: Person) -> Locator:
    """The dialog with all parameters, by way of the presets' panel."""
    await person.page.locator("#preset-button").click()
    await person.page.get_by_role("button", name="Parameters…").click()
    dialog = person.page.get_by_role("dialog", name="Parameters")
    await expect(dialog).to_be_visible()
    return dialog


async def open_facts(person: Person) -> Locator:
    """The dialog of what stands over this chat."""
    await person.page.locator("#chat-facts").click()
    dialog = person.page.get_by_role("dialog", name="This chat")
    await expect(dialog).to_be_visible()
    return dialog


async def asked_with(person: Person, words: str) -> dict[str, Any]:
    """Ask, and the work parameters of the reply as they are stored."""
    before = await person.replies.count()
    await person.ask(words)
    await expect(person.replies).to_have_count(before + 1)
    await person.expect_state("complete")
    answer = await person.page.request.get(f"{person.site.url}/api/chats/{person.page.url.split('/c/')[1]}")
    return dict((await answer.json())["messages"][-1]["work_parameters"])


async def test_each_model_says_how_it_is_served_now(person: Person) -> None:
    await person.model_button.click()
    panel = person.page.locator("#model-panel")
    served = panel.locator("fieldset", has_text="Ready now").locator("label", has_text="talker")
    await expect(served).to_contain_text("Filler words")
    await expect(served).to_contain_text("8k tokens of context")
    await expect(served).to_contain_text(re.compile(r"1 worker · \d+ of 16 places free"))
    away = panel.locator("fieldset", has_text="Not served now").locator("label", has_text="nobody")
    await expect(away).to_contain_text("No worker now")
    await person.picture("models")
    await away.click()
    await expect(person.model_button).to_have_text("nobody")
    await expect(person.model_button).to_have_attribute("data-away", "")


async def test_what_is_told_of_a_model_changes_while_one_looks(person: Person) -> None:
    await person.choose(preset="long")
    await expect(person.page.locator("#preset-button")).to_have_attribute("title", "Many words")
    person.hold("Take a place")
    await person.ask("Take a place")
    await person.expect_growth()
    await person.model_button.click()
    told = person.page.locator("#model-panel label", has_text="talker").locator(".served")
    await expect(told).to_have_text(re.compile(r"(?!16)\d+ of 16 places free"))
    await person.page.locator("#model-panel input:checked").focus()
    person.go_on()
    await expect(told).to_have_text("1 worker · 16 of 16 places free")
    await expect(person.page.locator("#model-panel input:checked")).to_be_focused()


async def test_a_parameter_that_cannot_be_is_said_at_its_field_and_does_not_count(person: Person) -> None:
    dialog = await open_parameters(person)
    temperature = dialog.get_by_role("textbox", name="Temperature")
    await temperature.fill("0")
    await expect(dialog.get_by_role("alert")).to_have_text(["This must be above 0."])
    await expect(temperature).to_have_attribute("aria-invalid", "true")
    await expect(temperature).to_have_accessible_description(re.compile("This must be above 0.*How freely"))
    await person.picture("parameters")
    await dialog.get_by_role("textbox", name="Longest reply").fill("8192")
    await expect(dialog.get_by_role("alert").last).to_have_text("At most 8191 is possible.")
    await dialog.get_by_role("textbox", name="Longest reply").fill("5")
    await dialog.get_by_role("textbox", name="Seed").fill("7")
    await person.page.keyboard.press("Escape")
    await expect(person.page.locator("#preset-button")).to_have_text("short, changed")
    stored = await asked_with(person, "With my own numbers")
    assert stored["seed"] == 7
    assert (stored["sampling_parameters"]["max_new_tokens"], stored["sampling_parameters"]["temperature"]) == (5, None)


async def test_own_parameters_survive_a_reload_and_go_back_to_the_presets(person: Person) -> None:
    dialog = await open_parameters(person)
    await dialog.get_by_role("textbox", name="Top-k").fill("40")
    await person.page.reload()
    await expect(person.page.locator("#preset-button")).to_have_text("short, changed")
    dialog = await open_parameters(person)
    await expect(dialog.get_by_role("textbox", name="Top-k")).to_have_value("40")
    await dialog.get_by_role("button", name="Reset to preset").click()
    await expect(dialog.get_by_role("textbox", name="Top-k")).to_have_value("")
    await expect(dialog.get_by_role("button", name="Reset to preset")).to_be_disabled()
    await person.page.keyboard.press("Escape")
    await expect(person.page.locator("#preset-button")).to_have_text("short")


async def test_a_slider_and_its_field_are_one(person: Person) -> None:
    dialog = await open_parameters(person)
    await dialog.get_by_role("slider", name="Top-p").fill("0.5")
    await expect(dialog.get_by_role("textbox", name="Top-p")).to_have_value("0.5")
    await dialog.get_by_role("textbox", name="Top-p").fill("0,25")
    await expect(dialog.get_by_role("slider", name="Top-p")).to_have_value("0.25")


async def test_an_own_preset_is_there_on_another_device_too(new_person: NewPerson) -> None:
    one, other = await new_person("with two devices"), await new_person("with two devices")
    dialog = await open_parameters(one)
    await dialog.get_by_role("textbox", name="Longest reply").fill("9")
    await dialog.get_by_role("textbox", name="Keep as a preset").fill("Nine words")
    await dialog.get_by_role("button", name="Save", exact=True).click()
    await expect(dialog.get_by_role("status")).to_have_text("Saved.")
    await one.page.keyboard.press("Escape")
    await expect(one.page.locator("#preset-button")).to_have_text("Nine words")
    await other.choose(preset="Nine words")
    assert (await asked_with(other, "How many words?"))["sampling_parameters"]["max_new_tokens"] == 9
    dialog = await open_parameters(other)
    await dialog.get_by_role("textbox", name="Longest reply").fill("3")
    await dialog.get_by_role("textbox", name="Keep as a preset").fill("Nine words")
    await dialog.get_by_role("button", name="Save", exact=True).click()
    await expect(dialog.get_by_role("alert").last).to_contain_text("You have a preset named 'Nine words' already")
    other.complaints.clear()  # the refusal of the name: 422
    await dialog.get_by_role("button", name="Save in “Nine words”").click()
    await expect(dialog.get_by_role("status")).to_have_text("Saved.")
    await one.page.reload()
    assert (await asked_with(one, "And now?"))["sampling_parameters"]["max_new_tokens"] == 3


async def test_instructions_of_a_chat_are_used_seen_and_taken_away(person: Person) -> None:
    await person.choose(preset="short")
    hint = person.page.locator("#chat-facts")
    await expect(hint).to_have_accessible_name("Instructions for this chat")
    dialog = await open_facts(person)
    await dialog.get_by_label("System prompt").fill("Speak like a pirate.")
    await dialog.get_by_label("This chat may be used to improve models").uncheck()
    await dialog.get_by_role("button", name="Save").click()
    await expect(hint).to_have_text("Instructions")
    stored = await asked_with(person, "Who are you?")
    assert stored["system_prompt"] == "Speak like a pirate."
    await expect(hint).to_have_accessible_name("Instructions are in force in this chat")
    await person.page.reload()
    await expect(hint).to_have_text("Instructions")
    dialog = await open_facts(person)
    await expect(dialog.get_by_label("System prompt")).to_have_value("Speak like a pirate.")
    await expect(dialog.get_by_label("This chat may be used to improve models")).not_to_be_checked()
    await dialog.get_by_label("System prompt").fill("")
    await dialog.get_by_role("button", name="Save").click()
    await expect(hint).to_have_text("")
    assert (await asked_with(person, "And now?"))["system_prompt"] is None
    await person.page.get_by_role("link", name="New chat").first.click()
    await expect(hint).to_have_text("")


async def test_two_windows_agree_on_the_instructions(new_person: NewPerson) -> None:
    one, other = await new_person("agreeing"), await new_person("agreeing")
    await one.choose(preset="short")
    await one.ask("Before")
    await one.expect_state("complete")
    await other.page.goto(one.page.url)
    await other.expect_state("complete")
    dialog = await open_facts(one)
    await dialog.get_by_label("About you").fill("I keep llamas.")
    await dialog.get_by_role("button", name="Save").click()
    await expect(other.page.locator("#chat-facts")).to_have_text("Instructions")
    assert (await asked_with(other, "What do I keep?"))["user_profile"] == "I keep llamas."


async def test_instructions_that_are_too_long_are_counted_and_not_sent(person: Person) -> None:
    dialog = await open_facts(person)
    await dialog.get_by_label("System prompt").fill("x" * 10_001)
    await expect(dialog.get_by_role("alert")).to_have_text(["10001 characters; at most 10000 are possible."])
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_visible()
    await dialog.get_by_label("System prompt").fill("x" * 10_000)
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()


async def test_a_newcomer_gets_a_model_that_is_served(person: Person) -> None:
    names = ["nobody", "talker"]
    await person.page.route(
        "**/api/configs/model_configs",
        lambda route: route.fulfill(json=[{**_bare, "name": name} for name in names]),
    )
    await person.page.reload()
    await expect(person.model_button).to_have_text("talker")


_bare = {
    "description": "",
    "max_input_length": 4096,
    "max_total_length": 8192,
    "reasoning": False,
    "parameter_configs": [],
}


async def test_a_long_list_of_models_is_narrowed_by_words(person: Person) -> None:
    names = ["talker", *(f"llama {number}" for number in range(10))]
    await person.page.route(
        "**/api/configs/model_configs", lambda route: route.fulfill(json=[{**_bare, "name": name} for name in names])
    )
    await person.page.reload()
    await person.model_button.click()
    shown = person.page.locator("#model-panel .choice-name:visible")
    await expect(shown).to_have_count(11)
    await person.page.get_by_role("searchbox", name="Find a model").fill("LLAMA 7")
    await expect(shown).to_have_text(["llama 7"])
    await person.page.keyboard.press("Enter")
    await expect(person.model_button).to_have_text("llama 7")


async def test_a_prompt_that_is_faster_than_the_lists_waits_for_them(person: Person) -> None:
    answered = asyncio.Event()

    async def late(route: Route) -> None:
        await answered.wait()
        await route.continue_()

    await person.choose(preset="short")
    await person.page.route("**/api/presets", late)
    await person.page.reload()
    await person.ask("Quick as I am")
    await expect(person.prompts).to_have_text(["Quick as I am"])
    await expect(person.page).to_have_url(re.compile("/c/"))
    answered.set()
    await expect(person.replies).to_have_count(1)
    await person.expect_state("complete")
    await expect(person.prompts).to_have_text(["Quick as I am"])


async def test_on_a_phone_the_dialogs_fill_the_screen(new_person: NewPerson) -> None:
    person = await new_person(**PHONE)
    for opening in (open_parameters, open_facts):
        dialog = await opening(person)
        box = await dialog.bounding_box()
        assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
        assert await person.page.evaluate("document.documentElement.scrollWidth") == 390
        await person.page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
