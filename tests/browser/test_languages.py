"""The page in another language: by the browser's wish, by choice, and when its texts cannot be had."""

import re

from playwright.async_api import Route, expect

from tests.browser.conftest import NewPerson


async def test_a_german_browser_sees_a_german_page(new_person: NewPerson) -> None:
    person = await new_person("", locale="de-DE")
    await person.page.goto(person.site.url)
    await person.page.get_by_label("Name").fill("Frau Holle")
    await person.page.get_by_role("button", name="Anmelden").click()
    await expect(person.page.get_by_role("heading", name="Was möchtest du wissen?")).to_be_visible()
    await expect(person.page.locator("html")).to_have_attribute("lang", "de")
    await person.choose(model="nobody")
    await person.page.get_by_role("textbox", name="Nachricht", exact=True).fill("Ist da jemand?")
    await person.page.keyboard.press("Enter")
    await expect(person.last_reply).to_contain_text("Zurzeit bedient kein Worker dieses Modell.")
    await person.page.get_by_role("button", name="Antwort anhalten").click()
    await expect(person.last_reply.locator(".note")).to_have_text("Angehalten.")
    await expect(person.page.locator("#chats h2")).to_have_text(["Heute"])


async def test_a_language_is_chosen_at_the_door(new_person: NewPerson) -> None:
    person = await new_person("")
    await person.page.goto(f"{person.site.url}/login")
    await person.page.get_by_role("button", name="Deutsch").click()
    await expect(person.page.get_by_role("heading", name="Anmelden")).to_be_visible()
    await person.page.get_by_role("button", name="English").click()
    await expect(person.page.get_by_role("heading", name="Log in")).to_be_visible()


async def test_without_the_texts_of_its_language_the_page_works_in_english(new_person: NewPerson) -> None:
    person = await new_person("", locale="de-DE")

    async def fail(route: Route) -> None:
        await route.abort()

    await person.page.route(re.compile("/texts/"), fail)
    await person.page.goto(f"{person.site.url}/login")
    await person.page.get_by_label("Name").fill("somebody without words")
    await person.page.get_by_role("button", name="Anmelden").click()
    await expect(person.page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    await person.choose(preset="short")
    await person.page.locator("#prompt").fill("It works all the same")
    await person.page.keyboard.press("Enter")
    await person.expect_state("complete")
    assert all("ERR_FAILED" in complaint for complaint in person.complaints)
    person.complaints.clear()
