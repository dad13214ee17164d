"""The settings: theme, defaults, presets, keys, usage, the account; by click, by keyboard and by address."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Route, expect

from tests.browser.conftest import PHONE, NewPerson
from tests.browser.person import Person

DARK, LIGHT = "rgb(27, 27, 25)", "rgb(251, 250, 248)"


async def open_settings(person: Person, section: str) -> Locator:
    """The dialog at this section, by click."""
    dialog = person.page.get_by_role("dialog", name="Settings")
    if not await dialog.is_visible():
        await person.page.get_by_role("button", name="Settings").click()
    await dialog.get_by_role("tab", name=section).click()
    await expect(dialog.get_by_role("tabpanel", name=section)).to_be_visible()
    return dialog


async def ground(person: Person) -> str:
    """The page's colour."""
    return str(await person.page.evaluate("getComputedStyle(document.body).backgroundColor"))


async def test_the_theme_is_there_at_the_first_paint_and_stays(person: Person) -> None:
    assert await ground(person) == LIGHT
    dialog = await open_settings(person, "General")
    await dialog.get_by_role("radio", name="Dark").check()
    assert await ground(person) == DARK
    # The document itself says so: what a browser paints before any script has run.
    await person.page.route("**/*.js", lambda route: route.abort())
    await person.page.goto(person.site.url)
    assert await ground(person) == DARK
    await person.page.unroute("**/*.js")
    person.complaints.clear()  # the scripts that were kept away
    await person.page.reload()
    assert await ground(person) == DARK
    dialog = await open_settings(person, "General")
    await expect(dialog.get_by_role("radio", name="Dark")).to_be_checked()
    await dialog.get_by_role("radio", name="As the system").check()
    assert await ground(person) == LIGHT
    await person.page.emulate_media(color_scheme="dark")
    assert await ground(person) == DARK


async def test_letters_can_be_larger(person: Person) -> None:
    dialog = await open_settings(person, "General")
    await dialog.get_by_role("radio", name="Larger").check()
    await person.page.reload()
    assert await person.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "21px"
    assert await person.page.evaluate("document.documentElement.scrollWidth") == 1280


async def test_the_languages_stand_below_their_name(person: Person) -> None:
    dialog = await open_settings(person, "General")
    languages = dialog.get_by_role("group", name="Language")
    await expect(languages.get_by_text("Language", exact=True)).to_be_visible()
    await expect(languages.get_by_role("button", name="Deutsch")).to_be_visible()


async def test_every_field_has_the_letters_of_the_page(person: Person) -> None:
    dialog = await open_settings(person, "API keys")
    fonts = "nodes => [...new Set(nodes.map((node) => getComputedStyle(node).fontFamily))]"
    page = await person.page.locator("body").evaluate("node => getComputedStyle(node).fontFamily")
    assert await dialog.locator("input, select, textarea, button").evaluate_all(fonts) == [page]


async def test_the_settings_have_addresses_and_are_used_by_keyboard(person: Person) -> None:
    await person.page.goto(f"{person.site.url}/#settings/usage")
    dialog = person.page.get_by_role("dialog", name="Settings")
    await expect(dialog.get_by_role("tab", name="Usage")).to_be_focused()
    await person.page.keyboard.press("ArrowDown")
    await expect(dialog.get_by_role("tab", name="Account")).to_be_focused()
    await expect(person.page).to_have_url(re.compile("#settings/account$"))
    await person.page.keyboard.press("ArrowDown")
    await expect(dialog.get_by_role("tab", name="General")).to_have_attribute("aria-selected", "true")
    await person.page.keyboard.press("Tab")
    await expect(dialog.get_by_role("radio", name="As the system")).to_be_focused()
    await person.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(person.page).to_have_url(f"{person.site.url}/")
    await person.page.get_by_role("button", name="Settings").press("Enter")
    await person.page.keyboard.press("Escape")
    await expect(person.page.get_by_role("button", name="Settings")).to_be_focused()


async def test_defaults_reach_new_chats_and_leave_old_ones(new_person: NewPerson) -> None:
    person, other = await new_person("with defaults"), await new_person("with defaults")
    await person.choose(preset="short")
    await person.ask("An old chat")
    await person.expect_state("complete")
    old = person.page.url
    dialog = await open_settings(person, "General")
    async with person.page.expect_response("**/api/preferences"):
        await dialog.get_by_label("New chats may be used to improve models").uncheck()
    await open_settings(person, "Instructions")
    await dialog.get_by_label("How to answer").fill("Be brief.")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("status")).to_have_text("Saved.")
    await person.page.keyboard.press("Escape")
    await expect(person.page.locator("#chat-facts")).to_have_text("")
    await other.page.reload()
    await expect(other.page.locator("#chat-facts")).to_have_text("Instructions")
    await other.choose(preset="short")
    await other.ask("A new chat")
    await other.expect_state("complete")
    new = other.page.url
    chats = [await (await other.page.request.get(url.replace("/c/", "/api/chats/"))).json() for url in (old, new)]
    assert [chat["user_response_instructions"] for chat in chats] == ["", "Be brief."]
    assert [chat["allow_data_use"] for chat in chats] == [True, False]
    assert chats[1]["messages"][1]["work_parameters"]["user_response_instructions"] == "Be brief."


async def test_presets_are_renamed_and_deleted_after_asking_once_more(person: Person) -> None:
    for name in ("Cool", "Warm"):
        body = {"name": name, "sampling_parameters": {"temperature": 0.3}}
        await post(person, "presets", body)
    dialog = await open_settings(person, "Presets")
    await expect(dialog.locator(".setting-row strong")).to_have_text(["Cool", "Warm"])
    await expect(dialog.locator(".setting-row").first).to_contain_text("Temperature 0.3")
    await dialog.get_by_role("button", name="Rename Cool").click()
    await dialog.get_by_role("textbox", name="Name").fill("Warm")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text(["You have a preset named 'Warm' already"])
    await dialog.get_by_role("textbox", name="Name").fill("Cold")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.locator(".setting-row strong")).to_have_text(["Cold", "Warm"])
    await dialog.get_by_role("button", name="Delete Cold").click()
    await expect(dialog.locator(".setting-row strong")).to_have_text(["Cold", "Warm"])
    await dialog.get_by_role("button", name="Delete Cold: Really delete?").click()
    await expect(dialog.locator(".setting-row strong")).to_have_text(["Warm"])
    person.complaints.clear()  # the refusal of the name: 422


async def test_a_key_is_shown_once_works_and_is_revoked(person: Person) -> None:
    dialog = await open_settings(person, "API keys")
    await expect(dialog).to_contain_text("You have no keys yet.")
    await dialog.get_by_role("button", name="Make a key").click()
    await expect(dialog.get_by_role("alert")).to_have_text(["Give it a name."])
    await dialog.get_by_label("What is it for?").fill("laptop")
    await dialog.get_by_label("The OpenAI-compatible API").uncheck()
    await dialog.get_by_label("For how long?").select_option("30 days")
    await dialog.get_by_role("button", name="Make a key").click()
    secret = dialog.get_by_label("The key “laptop”")
    await expect(secret).to_be_focused()
    key = await secret.input_value()
    assert key.startswith("oasst_")
    assert await status(person, "/api/chats", key) == 200
    assert await status(person, "/v1/models", key) == 403
    row = dialog.locator(".setting-row")
    await person.picture("settings-keys")
    await expect(row).to_contain_text("Read chats, Write chats: ask, change, delete")
    await open_settings(person, "Usage")
    await open_settings(person, "API keys")
    await expect(secret).to_have_count(0)
    assert key not in await person.page.content()
    await expect(row).to_contain_text("last used")
    await dialog.get_by_role("button", name="Revoke laptop").click()
    await dialog.get_by_role("button", name="Revoke laptop: Really revoke?").click()
    await expect(row).to_contain_text("revoked")
    assert await status(person, "/api/chats", key) == 401


async def test_usage_is_told_by_model_and_day_and_that_there_is_no_limit(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("Use some tokens")
    await person.expect_state("complete")
    dialog = await open_settings(person, "Usage")
    await expect(dialog).to_contain_text("24 tokens written for you today")
    await expect(dialog).to_contain_text("There is no limit.")
    row = dialog.get_by_role("table", name="By model, the last 30 days").get_by_role("row", name=re.compile("talker"))
    await expect(row.get_by_role("cell").first).to_have_text("1")
    await expect(row.get_by_role("cell").last).to_have_text("24")
    await expect(dialog.get_by_role("table", name="By day").get_by_role("row")).to_have_count(2)


async def test_a_budget_is_shown_as_a_bar(person: Person) -> None:
    usage = {"today": {"limit": 1000, "used": 950, "left": 50}, "resets_at": "2026-01-02T00:00:00+00:00", "days": []}
    await person.page.route("**/api/usage*", lambda route: route.fulfill(json=usage))
    dialog = await open_settings(person, "Usage")
    await expect(dialog.get_by_role("meter")).to_have_attribute("aria-label", "Today’s share of the budget")
    assert await dialog.get_by_role("meter").evaluate("meter => meter.value") == 0.95
    await expect(dialog).to_contain_text("50 of 1,000 are left.")


async def test_everything_can_be_taken_along(person: Person, tmp_path: Path) -> None:
    await person.choose(preset="short")
    await person.ask("Take me along")
    await person.expect_state("complete")
    dialog = await open_settings(person, "Account")
    async with person.page.expect_download() as waiting:
        await dialog.get_by_role("link", name="Export everything").click()
    download = await waiting.value
    assert re.fullmatch(r"account-\d{4}-\d\d-\d\d\.json", download.suggested_filename)
    await download.save_as(tmp_path / "account.json")
    file = json.loads((tmp_path / "account.json").read_text())
    assert file["chats"][0]["messages"][0]["content"] == "Take me along"


async def test_an_account_is_deleted_only_by_its_name_and_ends_at_the_login_page(new_person: NewPerson) -> None:
    person = await new_person("about to leave")
    await person.choose(preset="short")
    await person.ask("I shall be gone")
    await person.expect_state("complete")
    dialog = await open_settings(person, "Account")
    confirm = dialog.get_by_label("Type “about to leave” to confirm")
    await confirm.fill("yes")
    await dialog.get_by_role("button", name="Delete my account").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Type “about to leave”, as it stands here.")
    await confirm.fill("about to leave")
    await dialog.get_by_role("button", name="Delete my account").click()
    await expect(person.page.get_by_role("heading", name="Log in")).to_be_visible()
    await person.page.get_by_label("Name").fill("about to leave")
    await person.page.get_by_role("button", name="Log in").click()
    await expect(person.page.get_by_text("Your chats will be listed here.")).to_be_visible()


async def test_on_a_phone_the_settings_fill_the_screen_and_every_section_fits(new_person: NewPerson) -> None:
    person = await new_person(**PHONE)
    for section in ("general", "instructions", "presets", "keys", "usage", "account"):
        await person.page.goto(f"{person.site.url}/#settings/{section}")
        panel = person.page.locator("#settings-panel")
        await expect(panel).to_be_visible()
        assert await panel.evaluate("panel => panel.scrollWidth - panel.clientWidth") == 0
        await person.picture(f"settings-{section}-phone")
        assert await person.page.evaluate("document.documentElement.scrollWidth") == 390


async def test_a_server_that_is_away_is_said_and_nothing_is_lost(person: Person) -> None:
    dialog = await open_settings(person, "Instructions")
    await dialog.get_by_label("About you").fill("I keep llamas.")
    await person.page.route("**/api/preferences", lambda route: route.abort())
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("status")).to_have_text("The server cannot be reached.")
    await person.page.unroute("**/api/preferences")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("status")).to_have_text("Saved.")
    person.complaints.clear()  # the request that failed


DIALOG = re.compile(r"/settings_dialog(\.\w+)?\.js$")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "The server cannot be reached."),
        ({"status": 503}, "The server answered with an error. (503)"),
        ({"status": 404}, "The server answered with an error. (404)"),
        (
            {
                "content_type": "text/javascript",
                "body": "export const makeSettings = () => { throw new Error('no such section') }",
            },
            "The page has an error: no such section. Reload it to try again.",
        ),
    ],
    ids=["away", "a 503", "a 404", "an error of the page"],
)
async def test_settings_that_do_not_open_say_why(person: Person, answer: dict[str, Any] | None, said: str) -> None:
    async def fail(route: Route) -> None:
        await (route.abort() if answer is None else route.fulfill(**answer))

    await person.page.route(DIALOG, fail)
    await person.page.get_by_role("button", name="Settings").click()
    await expect(person.page.locator("#toast")).to_contain_text(said)
    if "body" in (answer or {}):
        assert any("no such section" in complaint for complaint in person.complaints)
    else:
        await person.page.unroute(DIALOG)
        await open_settings(person, "General")
    person.complaints.clear()  # what failed here


@pytest.mark.parametrize(("section", "path"), [("Presets", "presets"), ("Instructions", "preferences")])
async def test_what_a_section_could_not_read_is_said_in_it(person: Person, section: str, path: str) -> None:
    refusal = {"detail": "Postgres is away."}
    await person.page.route(f"**/api/{path}", lambda route: route.fulfill(status=503, json=refusal))
    await person.page.reload()
    dialog = await open_settings(person, section)
    await expect(dialog.get_by_role("status")).to_have_text("Postgres is away.")
    await expect(dialog.get_by_text("You have no presets yet.")).to_be_hidden()
    await person.page.unroute(f"**/api/{path}")
    await open_settings(person, "Usage")
    dialog = await open_settings(person, section)
    await expect(dialog.get_by_text("Postgres is away.")).to_have_count(0)
    person.complaints.clear()  # the requests that failed


async def status(person: Person, path: str, key: str) -> int:
    """What the key gets at this path."""
    async with httpx.AsyncClient(base_url=person.site.url, headers={"Authorization": f"Bearer {key}"}) as api:
        return (await api.get(path)).status_code


async def post(person: Person, path: str, body: object) -> None:
    """A POST in the person's name."""
    cookies = {cookie["name"]: cookie["value"] for cookie in await person.page.context.cookies()}
    answer = await person.page.request.post(
        f"{person.site.url}/api/{path}", data=body, headers={"X-CSRFToken": cookies["csrftoken"]}
    )
    assert answer.ok, await answer.text()
