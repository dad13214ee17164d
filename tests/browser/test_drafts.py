"""Several drafts side by side and the choice between them; another model for one reply; votes and reports."""

from playwright.async_api import Locator, expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.live.one_machine import OneMachine


def drafts(person: Person) -> Locator:
    """The replies that stand side by side."""
    return person.page.locator(".draft .message")


def places(person: Person) -> Locator:
    """Where one stands among branches, like "1 / 2"."""
    return person.page.locator(".branches:not([hidden]) .branch-place")


async def ask_for(person: Person, count: str, words: str) -> None:
    """A prompt with several drafts: "Two" or "Three"."""
    await person.page.get_by_role("button", name="Replies at once").click()
    await person.page.get_by_role("menuitemradio", name=f"{count} side by side").click()
    await person.ask(words)


async def from_menu(person: Person, name: str) -> None:
    """An entry of the last reply's menu."""
    await person.last_reply.get_by_role("button", name="More about this reply").click()
    await person.page.get_by_role("menuitem", name=name).click()


async def test_drafts_stream_side_by_side_and_the_chosen_one_stays_in_every_window(new_person: NewPerson) -> None:
    one, other = await new_person("choosing"), await new_person("choosing")
    await one.choose(preset="long")
    one.hold("Say it in two ways", replies=2)
    await ask_for(one, "Two", "Say it in two ways")
    await expect(drafts(one)).to_have_count(2)
    await one.page.wait_for_function(
        "() => [...document.querySelectorAll('.draft .message > .prose')].every(({ textContent }) => textContent)"
    )
    for draft in await drafts(one).all():
        await expect(draft).to_have_attribute("data-state", "in_progress")
    left, right = [await draft.bounding_box() for draft in await drafts(one).all()]
    assert left is not None
    assert right is not None
    assert abs(left["y"] - right["y"]) < 2
    assert left["x"] + left["width"] <= right["x"]
    await other.page.goto(one.page.url)
    await expect(drafts(other)).to_have_count(2)
    one.go_on()
    for draft in await drafts(one).all():
        await expect(draft).to_have_attribute("data-state", "complete")
    await one.page.reload()
    await expect(drafts(one)).to_have_count(2)
    words = await drafts(one).nth(1).locator("> .prose").text_content() or ""
    async with one.page.expect_response("**/message_evals") as answering:
        await one.page.get_by_role("button", name="Choose this one: Draft 2").click()
    assert (await answering.value).ok
    for person in (one, other):
        await expect(drafts(person)).to_have_count(0)
        await expect(places(person)).to_have_text("2 / 2")
    await expect(one.last_reply.locator("> .prose")).to_have_text(words)
    await one.page.reload()
    await expect(one.last_reply.locator("> .prose")).to_have_text(words)
    await expect(places(one)).to_have_text("2 / 2")


async def test_escape_stops_all_drafts_and_a_prompt_goes_on_from_the_first(person: Person) -> None:
    await person.choose(preset="long")
    person.hold("Begin three times", replies=3)
    await ask_for(person, "Three", "Begin three times")
    await expect(drafts(person)).to_have_count(3)
    await person.page.wait_for_function(
        "() => document.querySelectorAll('.draft .message > .prose:not([hidden])').length === 3"
    )
    await person.page.keyboard.press("Escape")
    for draft in await drafts(person).all():
        await expect(draft).to_have_attribute("data-state", "cancelled")
    await person.page.get_by_role("button", name="Replies at once: 3").click()
    await person.page.get_by_role("menuitemradio", name="One reply").click()
    await person.choose(preset="short")
    await person.ask("And now?")
    await expect(person.prompts).to_have_text(["Begin three times", "And now?"])
    await expect(drafts(person)).to_have_count(0)
    await expect(person.replies).to_have_count(2)
    await expect(places(person).first).to_have_text("1 / 3")
    await person.expect_state("complete")


async def test_choosing_a_draft_ends_those_that_are_still_written(person: Person, site: OneMachine) -> None:
    site.arm(kind="pace", tokens_per_second=1, prompt_contains="One of you shall hurry")
    await person.choose(preset="short")
    await ask_for(person, "Two", "One of you shall hurry")
    done = person.page.locator(".draft", has=person.page.locator("[data-state=complete]"))
    await expect(done).to_have_count(1)
    await done.get_by_role("button", name="Choose this one").click()
    await expect(drafts(person)).to_have_count(0)
    await person.expect_state("complete")
    await expect(person.send).to_have_attribute("aria-label", "Send")
    here = await places(person).text_content()
    other = "Next branch" if here == "1 / 2" else "Previous branch"
    await person.page.get_by_role("button", name=other).click()
    await person.expect_state("cancelled")


async def test_drafts_have_one_place_among_the_branches_until_one_is_chosen(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("Again, twice")
    await person.expect_state("complete")
    await from_menu(person, "Two more, side by side")
    await expect(drafts(person)).to_have_count(2)
    await expect(places(person)).to_have_text("2 / 2")
    for draft in await drafts(person).all():
        await expect(draft).to_have_attribute("data-state", "complete")
    await person.page.locator(".drafts-head").get_by_role("button", name="Previous branch").click()
    await expect(places(person)).to_have_text("1 / 2")
    await person.page.get_by_role("button", name="Next branch").click()
    await person.page.get_by_role("button", name="Choose this one: Draft 1").click()
    await expect(places(person)).to_have_text("2 / 3")


async def test_drafts_stand_one_below_the_other_on_a_phone(new_person: NewPerson) -> None:
    person = await new_person(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    await person.choose(preset="short")
    await ask_for(person, "Two", "On a phone")
    await expect(drafts(person)).to_have_count(2)
    for draft in await drafts(person).all():
        await expect(draft).to_have_attribute("data-state", "complete")
    upper, lower = [await draft.bounding_box() for draft in await drafts(person).all()]
    assert upper is not None
    assert lower is not None
    assert upper["y"] + upper["height"] <= lower["y"]
    assert await person.page.evaluate("document.documentElement.scrollWidth") == 390


async def test_another_reply_by_another_model_is_asked_for_that_one_time(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("Who else?")
    await person.expect_state("complete")
    await from_menu(person, "With another model or preset…")
    dialog = person.page.get_by_role("dialog", name="Another reply")
    await expect(dialog.get_by_label("Preset")).to_have_value("short")
    await dialog.get_by_label("Model").select_option("nobody")
    await dialog.get_by_role("button", name="Ask again").click()
    await expect(person.last_reply).to_contain_text("No worker serves this model now.")
    await expect(places(person)).to_have_text("2 / 2")
    await expect(person.model_button).to_contain_text("talker")
    await person.page.keyboard.press("Escape")
    await person.expect_state("cancelled")


async def test_a_vote_is_kept_can_be_changed_and_taken_back(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("How was it?")
    await person.expect_state("complete")
    good = person.page.get_by_role("button", name="Good reply")
    bad = person.page.get_by_role("button", name="Bad reply")
    for button, chosen in ((good, good), (bad, bad), (bad, None)):
        async with person.page.expect_response("**/votes") as answering:
            await button.click()
        assert (await answering.value).ok
        await person.page.reload()
        for each in (good, bad):
            await expect(each).to_have_attribute("aria-pressed", str(each is chosen).lower())


async def test_a_report_tells_its_reason_and_is_shown_as_made(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("Something to report")
    await person.expect_state("complete")
    await from_menu(person, "Report…")
    dialog = person.page.get_by_role("dialog", name="Report this reply")
    await dialog.get_by_label("It is spam").check()
    await dialog.get_by_label("In your own words, if you like").fill("It sells llamas.")
    async with person.page.expect_request("**/reports") as asking:
        await dialog.get_by_role("button", name="Send the report").click()
    assert (await asking.value).post_data_json == {"report_type": "spam", "reason": "It sells llamas."}
    await expect(dialog).to_be_hidden()
    await expect(person.page.get_by_text("Thank you.")).to_be_visible()
    await expect(person.page.locator(".reported")).to_be_visible()
    await person.page.reload()
    await expect(person.page.locator(".reported")).to_be_visible()
