"""What the page says when a reply waits, breaks off or cannot be asked for."""

import re

import httpx
from playwright.async_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.browser.site import kill_web, worker_away
from tests.chats.waiting import until
from tests.live.one_machine import OneMachine

SEATS = 16  # max_parallel_requests of models.toml


async def test_nobody_serves_the_model_is_said_and_stop_works_all_the_same(person: Person) -> None:
    await person.choose(model="nobody")
    await person.ask("Is anybody there?")
    await expect(person.last_reply).to_contain_text("No worker serves this model now.")
    await person.page.get_by_role("button", name="Stop the reply").click()
    await person.expect_state("cancelled")


async def test_a_reply_that_breaks_off_says_why_and_can_be_tried_again(person: Person, site: OneMachine) -> None:
    site.arm(kind="error", error_type="validation", after_tokens=3, prompt_contains="Fail me once")
    await person.choose(preset="short")
    await person.ask("Fail me once")
    await person.expect_state("aborted_by_worker")
    await expect(person.last_reply.locator(".note.error")).to_contain_text("The reply broke off.")
    await person.picture("broken-off")
    await person.last_reply.get_by_role("button", name="Try again").click()
    await person.expect_state("complete")
    await expect(person.last_reply.locator(".branch-place")).to_have_text("2 / 2")


async def test_the_place_in_line_is_told_with_an_estimate_and_stop_frees_it(person: Person, site: OneMachine) -> None:
    others = "Take up a seat for a while"
    site.arm(kind="pace", tokens_per_second=1, prompt_contains=others, count=SEATS)
    headers = {"Authorization": f"Bearer {site.somebody()}"}
    async with httpx.AsyncClient(base_url=f"{site.url}/api", headers=headers) as client:
        taken = [await ask_for_many_words(client, others) for _ in range(SEATS)]
        await until(lambda: site.engine_requests(others)["open"] == SEATS)
        await person.choose(preset="short")
        await person.ask("Wait for a seat")
        await expect(person.last_reply.locator(".waiting")).to_have_text(
            re.compile(r"^Next in line · about \d+ (s|min)$")
        )
        await person.picture("waiting")
        for path in taken:
            (await client.post(f"{path}/cancel", json={})).raise_for_status()
    await person.expect_state("complete")


async def ask_for_many_words(client: httpx.AsyncClient, words: str) -> str:
    """Ask in a chat of its own; the reply's path."""
    chat = (await client.post("/chats", json={})).raise_for_status().json()["id"]
    prompt = await client.post(f"/chats/{chat}/prompter_message", json={"content": words})
    reply = await client.post(
        f"/chats/{chat}/assistant_message",
        json={
            "parent_id": prompt.raise_for_status().json()["id"],
            "model_config_name": "talker",
            "sampling_parameters": {"max_new_tokens": 500},
        },
    )
    return f"/chats/{chat}/messages/{reply.raise_for_status().json()['id']}"


async def test_a_lost_worker_is_a_pause_that_is_said_and_the_reply_goes_on(person: Person, site: OneMachine) -> None:
    await person.choose(preset="long")
    person.hold("Go on though your worker is lost")
    await person.ask("Go on though your worker is lost")
    before = await person.expect_growth()
    pause = person.last_reply.locator(".waiting")
    with worker_away(site):
        await expect(pause).to_contain_text("The reply pauses.")
        assert (await person.text_of_last_reply()).startswith(before)
        await person.picture("pause")
    await person.expect_state("complete")
    await expect(pause).to_be_hidden()
    await expect(person.last_reply.locator(".stamp")).to_contain_text("resumed")
    complete = await person.text_of_last_reply()
    assert complete.startswith(before)
    await person.last_reply.get_by_role("button", name="Where this reply came from").click()
    await expect(person.last_reply.locator(".facts")).to_contain_text("1 time, after a fault")
    await person.page.reload()
    await person.expect_state("complete")
    assert await person.text_of_last_reply() == complete


async def test_a_refused_prompt_says_why_and_gives_the_words_back(person: Person) -> None:
    words = "far too long " * 10_000
    await person.box.fill(words)
    await person.send.click()
    await expect(person.page.get_by_role("alert")).to_contain_text("content has 129999 characters")
    await person.page.get_by_role("alert").get_by_role("button", name="Edit").click()
    await expect(person.box).to_have_value(words.strip())
    await expect(person.prompts).to_have_count(0)


async def test_a_prompt_sent_while_the_server_is_away_arrives_once(person: Person, site: OneMachine) -> None:
    await person.choose(preset="short")
    await person.ask("Before")
    await person.expect_state("complete")
    kill_web(site)
    await person.ask("While it is away")
    await expect(person.prompts).to_have_text(["Before", "While it is away"])
    await expect(person.replies).to_have_count(2)
    await person.expect_state("complete")
    await expect(person.prompts).to_have_text(["Before", "While it is away"])


async def test_a_strangers_chat_does_not_exist(new_person: NewPerson) -> None:
    owner, stranger = await new_person(), await new_person()
    await owner.choose(preset="short")
    await owner.ask("Between us")
    await owner.expect_state("complete")
    await stranger.page.goto(owner.page.url)
    await expect(stranger.page.get_by_role("heading", name="This chat does not exist.")).to_be_visible()
    await expect(stranger.page.get_by_text("Between us")).to_have_count(0)
    assert all("404" in complaint for complaint in stranger.complaints)
    stranger.complaints.clear()


async def test_a_session_that_is_over_is_said_and_leads_to_the_form(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("Before the session ends")
    await person.expect_state("complete")
    chat = person.page.url
    await person.page.context.clear_cookies()
    await person.page.reload()
    await expect(person.page.get_by_role("heading", name="Log in")).to_be_visible()
    await expect(person.page).to_have_url(re.compile("next="))
    await person.page.get_by_label("Name").fill("somebody else")
    await person.page.get_by_role("button", name="Log in").click()
    await expect(person.page).to_have_url(chat)
    person.complaints.clear()  # the chat is another person's: 404
