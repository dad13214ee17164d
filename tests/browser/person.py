"""Somebody who uses the page: what they do and what they wait to see."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from playwright.async_api import ConsoleMessage, Error, Locator, Page, Request, Response, expect

from tests.live.one_machine import ROOT, OneMachine

PATIENCE_MS = 60_000
"""It only ends what would never come; how long something takes depends on the machine's other work."""

expect.set_options(timeout=PATIENCE_MS)

PICTURES = Path(os.environ.get("SCREENSHOTS") or ROOT / ".local" / "screenshots")
"""Where the tests leave pictures of what they saw."""


HELD_AFTER_TOKENS = 60

_numbers = count(1)

_WORDS = re.compile(r"\w")
"""In the model's button once the script runs. The button itself is no sign: `hidden` counts for nothing while base.css
is under way and composer.css is there.
"""


@dataclass
class Person:
    """One browser window, logged in or not. `complaints` are the console's errors; a test must leave none behind.

    `unanswered`: what the page has asked the server for and has not got yet.
    """

    site: OneMachine
    page: Page
    complaints: list[str] = field(default_factory=list)
    unanswered: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", self._on_error)
        self.page.on("request", self._on_request)
        self.page.on("requestfinished", self._on_answer)
        self.page.on("requestfailed", self._on_answer)

    async def log_in(self, name: str) -> None:
        """One click on the form, with a name of one's own."""
        await self.page.goto(f"{self.site.url}/")
        await self.page.get_by_label("Name").fill(name)
        await self.page.get_by_role("button", name="Log in").click()
        await expect(self.model_button).to_contain_text(_WORDS)

    async def choose(self, *, model: str | None = None, preset: str | None = None) -> None:
        """Choose in the composer's panels."""
        for kind, name in (("model", model), ("preset", preset)):
            if name is not None:
                await self.page.locator(f"#{kind}-button").click()
                await self.page.locator(f"#{kind}-panel label", has_text=name).click()
                await self.page.keyboard.press("Escape")
                await expect(self.page.locator(f"#{kind}-panel")).to_be_hidden()

    async def ask(self, words: str) -> None:
        """Write and send with Enter."""
        await self.box.fill(words)
        await self.box.press("Enter")

    @asynccontextmanager
    async def changes_a_chat(self) -> AsyncIterator[None]:
        """What is done in the block changes something of a chat; left once the server has said yes."""

        def is_change(response: Response) -> bool:
            return response.request.method == "PUT" and "/api/chats/" in response.url

        async with self.page.expect_response(is_change) as answering:
            yield
        assert (await answering.value).ok

    def hold(self, words: str, *, replies: int = 1) -> None:
        """Have the engine fall silent in mid-reply to this prompt, until `go_on`: whatever is done meanwhile may take
        its time.
        """
        self.site.arm(kind="hold", after_tokens=HELD_AFTER_TOKENS, prompt_contains=words, count=replies)

    def go_on(self) -> None:
        """The replies that are held go on."""
        self.site.disarm()

    async def text_of_last_reply(self) -> str:
        """What stands there now."""
        return (await self.last_reply.locator("> .prose").text_content()) or ""

    async def say(self, text: str, *, token_length: int = 8, tokens_per_second: float = 0) -> None:
        """Ask for a reply, and have the engine say this."""
        await self.choose(preset="long")
        words = f"Say it, number {next(_numbers)}"
        about = {"prompt_contains": words}
        self.site.arm(kind="pace", tokens_per_second=tokens_per_second, **about)
        self.site.arm(kind="say", text=text, token_length=token_length, **about)
        await self.ask(words)

    async def sees(self) -> str:
        """What a test that failed has to tell: the page as it is read out, and what it waits for."""
        waits = "".join(f"\nno answer yet: {request.method} {request.url}" for request in self.unanswered)
        try:
            page = await self.page.locator("body").aria_snapshot(timeout=5000)
        except Error as error:
            page = f"the page does not answer: {error}"
        return f"{self.page.url}{waits}\n{page}"

    async def picture(self, name: str) -> None:
        """Keep what is to be seen now as PICTURES/name.png."""
        await self.page.screenshot(path=PICTURES / f"{name}.png")  # makes the folder, too

    @property
    def box(self) -> Locator:
        """The composer's text area."""
        return self.page.get_by_role("textbox", name="Message", exact=True)

    @property
    def send(self) -> Locator:
        """The button that sends, or stops."""
        return self.page.locator("#send")

    @property
    def model_button(self) -> Locator:
        """The button with the chosen model."""
        return self.page.locator("#model-button")

    @property
    def prompts(self) -> Locator:
        """The prompts that are shown."""
        return self.page.locator(".message.prompt .bubble")

    @property
    def replies(self) -> Locator:
        """The replies that are shown."""
        return self.page.locator(".message.reply")

    @property
    def last_reply(self) -> Locator:
        """The lowest of them."""
        return self.replies.last

    @property
    def chats(self) -> Locator:
        """The links in the sidebar."""
        return self.page.locator(".chat-link")

    async def expect_state(self, state: str) -> None:
        """Wait until the last reply is in this state."""
        await expect(self.last_reply).to_have_attribute("data-state", state)

    async def expect_growth(self, beyond: str = "") -> str:
        """Wait until the last reply is some words longer than `beyond`; what it says then."""
        await self.page.wait_for_function(
            "length => [...document.querySelectorAll('.message.reply > .prose')].at(-1)?.textContent.length > length",
            arg=len(beyond) + 20,
        )
        return await self.text_of_last_reply()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _on_error(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _on_request(self, request: Request) -> None:
        ours = (self.site.url, self.site.url.replace("http", "ws", 1), "data:", "blob:", "about:")
        if not request.url.startswith(ours):
            self.complaints.append(f"a request to another host: {request.url}")
        self.unanswered.append(request)

    def _on_answer(self, request: Request) -> None:
        if request in self.unanswered:
            self.unanswered.remove(request)
