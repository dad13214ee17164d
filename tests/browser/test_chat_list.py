"""The list of chats: in step with other windows, searched, hidden and brought back, exported and imported, read on."""

import json
import re
from pathlib import Path

import httpx
from playwright.async_api import Locator, expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.live.one_machine import OneMachine


def item(person: Person, name: str) -> Locator:
    """An entry of the menu that is open."""
    return person.page.get_by_role("menuitem", name=name)


async def open_menu(person: Person, title: str) -> None:
    """The menu of the chat with this title, in the list."""
    await person.page.locator(".chat-row", has_text=title).hover()
    await person.page.get_by_role("button", name=f"Menu of the chat {title}").click()


async def have_a_chat(person: Person, words: str) -> None:
    """One short exchange in a chat of its own."""
    await person.page.get_by_role("link", name="New chat").first.click()
    await person.ask(words)
    await expect(person.prompts).to_have_text([words])
    await person.expect_state("complete")


async def test_what_is_done_to_the_list_in_one_window_is_seen_in_the_other(new_person: NewPerson) -> None:
    one, other = await new_person("in step"), await new_person("in step")
    await one.choose(preset="short")
    await have_a_chat(one, "Seen at once")
    await expect(other.chats).to_have_text(["Seen at once"])
    await open_menu(one, "Seen at once")
    await item(one, "Rename").click()
    await one.page.get_by_role("textbox", name="Title of the chat").fill("Named anew")
    await one.page.keyboard.press("Enter")
    await expect(other.chats).to_have_text(["Named anew"])
    await open_menu(other, "Named anew")
    await item(other, "Hide").click()
    await expect(one.chats).to_have_count(0)
    await other.page.get_by_role("button", name="Undo").click()
    await expect(one.chats).to_have_text(["Named anew"])
    await open_menu(other, "Named anew")
    await item(other, "Delete").click()
    await other.page.get_by_role("button", name="Dismiss").click()
    await expect(one.chats).to_have_count(0)
    await expect(one.page.get_by_role("heading", name="This chat does not exist.")).to_be_visible()


async def test_what_was_missed_while_the_connection_was_lost_is_made_up_for(new_person: NewPerson) -> None:
    one, other = await new_person("away"), await new_person("away")
    await one.choose(preset="short")
    await have_a_chat(one, "Before")
    await expect(other.chats).to_have_text(["Before"])
    await other.page.context.set_offline(True)
    await other.page.evaluate("() => new Promise((done) => fetch('/healthz').then(done, done))")
    await have_a_chat(one, "Meanwhile")
    await other.page.context.set_offline(False)
    await expect(other.chats).to_have_text(["Meanwhile", "Before"])
    other.complaints.clear()  # a lost connection is told in the console


async def test_a_search_marks_its_hits_and_leads_to_the_message_on_whatever_branch_it_is(person: Person) -> None:
    await person.choose(preset="short")
    await have_a_chat(person, "The colour of a zebrafinch")
    await person.page.locator(".message.prompt").last.hover()
    await person.page.locator(".message.prompt").last.get_by_role("button", name="Edit").click()
    await person.page.get_by_role("textbox", name="Edit the prompt").fill("Something else")
    await person.page.keyboard.press("Enter")
    await expect(person.prompts).to_have_text(["Something else"])
    await person.expect_state("complete")
    await have_a_chat(person, "Another chat")
    search = person.page.get_by_role("searchbox", name="Search in all chats")
    await search.fill("zebrafinches")
    await expect(person.page.locator(".hit mark")).to_have_text(["zebrafinch"])
    await expect(person.page.locator(".hit-passage")).to_have_text(["The colour of a zebrafinch"])
    await person.page.locator(".hit").click()
    await expect(person.prompts).to_have_text(["The colour of a zebrafinch"])
    await expect(person.page.locator(".message.prompt.sought")).to_be_in_viewport()
    await expect(person.page).to_have_url(re.compile(r"/c/[0-9a-f-]{36}$"))
    await search.fill("nothing of the kind")
    await expect(person.page.get_by_text("Nothing was found for “nothing of the kind”.")).to_be_visible()
    await search.press("Escape")
    await expect(person.chats).to_have_count(2)


async def test_a_hidden_chat_is_out_of_the_list_and_can_be_brought_back(person: Person) -> None:
    await person.choose(preset="short")
    await have_a_chat(person, "Out of sight")
    await have_a_chat(person, "In sight")
    await open_menu(person, "Out of sight")
    await item(person, "Hide").click()
    await expect(person.chats).to_have_text(["In sight"])
    await person.page.get_by_role("button", name="More about the list").click()
    await item(person, "Hidden chats").click()
    await expect(person.chats).to_have_text(["Out of sight"])
    await open_menu(person, "Out of sight")
    await item(person, "Show in the list").click()
    await expect(person.page.get_by_text("No chat is hidden.")).to_be_visible()
    await person.page.get_by_role("button", name="Back").click()
    await expect(person.chats).to_have_text(["In sight", "Out of sight"])


async def test_a_chat_goes_out_as_a_file_and_comes_back_as_a_new_chat(person: Person, tmp_path: Path) -> None:
    await person.choose(preset="short")
    await have_a_chat(person, "Take me with you")
    await person.page.locator(".title-button").click()
    async with person.page.expect_download() as downloading:
        await item(person, "Download as JSON").click()
    file = tmp_path / "chat.json"
    await (await downloading.value).save_as(file)
    assert json.loads(file.read_text())["chat"]["title"] == "Take me with you"
    first = person.page.url
    await person.page.locator("input[type=file]").set_input_files(file)
    await expect(person.chats).to_have_text(["Take me with you", "Take me with you"])
    await expect(person.page).not_to_have_url(first)
    await expect(person.prompts).to_have_text(["Take me with you"])
    file.write_text("no chat at all")
    await person.page.locator("input[type=file]").set_input_files(file)
    await expect(person.page.locator(".toast")).to_contain_text("chat.json was not imported.")
    person.complaints.clear()  # the refusal stands in the console, too


async def test_further_pages_come_as_one_scrolls(new_person: NewPerson, site: OneMachine) -> None:
    headers = {"Authorization": f"Bearer {site.token('many chats')}"}
    async with httpx.AsyncClient(base_url=f"{site.url}/api/", headers=headers) as api:
        for number in range(90):
            chat = (await api.post("chats")).raise_for_status().json()
            (await api.put(f"chats/{chat['id']}", json={"title": f"chat {number}"})).raise_for_status()
    person = await new_person("many chats")
    await expect(person.chats.first).to_have_text("chat 89")
    assert await person.chats.count() < 90
    await person.page.locator("#chats").hover()
    while (count := await person.chats.count()) < 90:
        await person.page.mouse.wheel(0, 20_000)
        await expect(person.chats.nth(count)).to_be_attached()
    await expect(person.chats).to_have_text([f"chat {number}" for number in reversed(range(90))])
