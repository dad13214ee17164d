"""The pictures of docs/images that show the page.

`python -m tests.docs.photographs` takes them of a running `make run`; another address may follow. What is to be seen is
asked of the demo model, or comes as a chat out of a file, so that they can be taken anew at any time.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, FilePayload, Page, async_playwright, expect

from tests.browser.conftest import CHROMIUM, FLAGS

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SITE = "http://localhost:8000"
EARLIER = (
    "Which settings are there?",
    "What happens to a reply when its worker dies?",
    "How do I call it like OpenAI's API?",
)
ASKED = "How do I add a GPU worker?"
UNTIL = "--shm-size"
"""What the streaming reply has come to when the picture is taken."""

TITLE = "How is a bell curve normalised?"
TEXT = r"""The area below $e^{-x^2}$ is finite, and Gauss's integral tells it:

$$
\int_0^\infty e^{-x^2} \, dx = \frac{\sqrt{\pi}}{2}
$$

Both halves together are $\sqrt{\pi}$, and dividing by that makes it a density. In numbers:

| from 0 to | area   | of the whole |
|:----------|-------:|-------------:|
| 1         | 0.7468 |       84.3 % |
| 2         | 0.8821 |       99.5 % |

```python
def density(x: float) -> float:
    return exp(-x * x) / sqrt(pi)  # its area is 1
```

> Wider ones are the same curve, drawn on another ruler.
"""


def chat_in_a_file() -> bytes:
    """A chat of one question and one reply, as the page exports it."""
    now = datetime.now(UTC).isoformat()
    prompt = {"id": "1", "role": "prompter", "state": "manual", "content": TITLE, "created_at": now}
    reply = {"id": "2", "parent_id": "1", "role": "assistant", "state": "complete", "content": TEXT, "created_at": now}
    chat = {"title": TITLE, "created_at": now, "active_thread_tail_message_id": "2"}
    return json.dumps({"exported_at": now, "chat": chat, "messages": [prompt, reply]}).encode()


async def person(browser: Browser, site: str, name: str, **profile: Any) -> Page:
    """The page of somebody who has just logged in, in a window of 1180 by 800."""
    context = await browser.new_context(viewport={"width": 1180, "height": 800}, device_scale_factor=1.5, **profile)
    page = await context.new_page()
    await page.goto(site)
    await page.get_by_label("Name").fill(name)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.locator("#model-button")).to_be_visible()
    return page


async def ask(page: Page, words: str) -> None:
    """In a chat of its own."""
    await page.get_by_role("link", name="New chat").first.click()
    await expect(page.locator(".message")).to_have_count(0)
    await page.get_by_role("textbox", name="Message", exact=True).fill(words)
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.reply")).to_have_count(1)


async def take(site: str) -> None:
    """Both pictures; the people have new names each time, so that their lists of chats are empty."""
    stamp = datetime.now(UTC).strftime("%H%M%S")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await person(browser, site, f"Ada {stamp}", color_scheme="light")
        for words in EARLIER:
            await ask(page, words)
            await expect(page.locator(".message.reply")).to_have_attribute("data-state", "complete", timeout=60_000)
        await ask(page, ASKED)
        await expect(page.locator(".message.reply")).to_contain_text(UNTIL, timeout=60_000)
        await shoot(page, "chat")

        page = await person(browser, site, f"Carl {stamp}", color_scheme="dark")
        await page.get_by_role("button", name="More about the list").click()
        async with page.expect_file_chooser() as chooser:
            await page.get_by_role("menuitem", name="Import a chat").click()
        file = FilePayload(name="chat.json", mimeType="application/json", buffer=chat_in_a_file())
        await (await chooser.value).set_files(file)
        await expect(page.locator(".message.reply .katex-display")).to_be_visible()
        await expect(page.locator(".message.reply .hljs-keyword").first).to_be_visible()
        await shoot(page, "reading")
        await browser.close()


async def shoot(page: Page, name: str) -> None:
    """IMAGES/name.png, with the person's first name alone."""
    await page.locator(".user-name").evaluate("node => { node.textContent = node.textContent.split(' ')[0] }")
    await page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(take(sys.argv[1] if len(sys.argv) > 1 else SITE))
