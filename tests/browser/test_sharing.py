"""Links to a chat: made, copied, read by somebody without a login, and taken back."""

import httpx
from playwright.async_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.live.one_machine import OneMachine

EVIL = (
    "Look: <script>document.title = 'evil'</script><img src=x onerror=\"document.title = 'evil'\">\n\n"
    "[click](javascript:document.title='evil') and **bold**\n\n```python\nprint(1)\n```"
)


async def share(person: Person) -> str:
    """Makes a link to the open chat; its address."""
    await person.page.locator(".title-button").click()
    await person.page.get_by_role("menuitem", name="Share").click()
    await person.page.get_by_role("button", name="Make a link").click()
    link = person.page.get_by_role("textbox", name="Link")
    await expect(link).to_have_count(1)
    return await link.input_value()


async def test_a_link_shows_the_chat_to_somebody_without_a_login_until_it_is_revoked(new_person: NewPerson) -> None:
    owner, reader = await new_person(), await new_person("")
    await owner.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await owner.choose(preset="short")
    await owner.ask("Between us and whoever has the link")
    await owner.expect_state("complete")
    words = await owner.text_of_last_reply()
    address = await share(owner)
    await expect(owner.page.get_by_text("The link is copied.")).to_be_visible()
    assert await owner.page.evaluate("navigator.clipboard.readText()") == address
    await reader.page.goto(address)
    await expect(reader.prompts).to_have_text(["Between us and whoever has the link"])
    await expect(reader.last_reply.locator(".prose")).to_have_text(words)
    assert await reader.page.context.cookies() == []
    await owner.page.get_by_role("button", name="Revoke").click()
    await expect(owner.page.get_by_text("The link leads nowhere now.")).to_be_visible()
    answer = await reader.page.reload()
    assert answer is not None
    assert answer.status == 404
    await expect(reader.page.get_by_role("heading", name="There is nothing behind this link.")).to_be_visible()
    assert all("404" in complaint for complaint in reader.complaints)
    reader.complaints.clear()


async def test_what_is_shared_is_drawn_as_markdown_and_runs_nothing(new_person: NewPerson, site: OneMachine) -> None:
    headers = {"Authorization": f"Bearer {site.token('somebody evil')}"}
    told = {"created_at": "2026-01-01T12:00:00Z"}
    prompt = told | {"id": "1", "role": "prompter", "state": "manual", "content": "<b>Hi</b>"}
    reply = told | {"id": "2", "parent_id": "1", "role": "assistant", "state": "complete", "content": EVIL}
    file = {"exported_at": told["created_at"], "chat": told, "messages": [prompt, reply]}
    async with httpx.AsyncClient(base_url=f"{site.url}/api/", headers=headers) as api:
        chat = (await api.post("chats/import", json=file)).raise_for_status().json()
        link = (await api.post(f"chats/{chat['id']}/shares")).raise_for_status().json()
    reader = await new_person("")
    await reader.page.goto(site.url + link["page_path"])
    await expect(reader.prompts).to_have_text(["<b>Hi</b>"])
    await expect(reader.last_reply.locator("strong")).to_have_text("bold")
    await expect(reader.last_reply.locator("figure .hljs-built_in")).to_have_text("print")
    await expect(reader.page.locator("main script, main img[onerror], main a[href^='javascript']")).to_have_count(0)
    assert await reader.page.title() == "A shared chat · oasst"
    await reader.page.get_by_role("button", name="Copy").click()
    await expect(reader.page.get_by_role("button", name="Copied")).to_be_visible()


async def test_a_shared_chat_can_be_read_without_javascript(new_person: NewPerson) -> None:
    owner, reader = await new_person(), await new_person("", java_script_enabled=False)
    await owner.choose(preset="short")
    await owner.ask("Plainly")
    await owner.expect_state("complete")
    await reader.page.goto(await share(owner))
    await expect(reader.prompts).to_have_text(["Plainly"])
    await expect(reader.last_reply).not_to_be_empty()
