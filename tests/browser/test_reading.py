"""A reply as its reader has it: code to copy, links that open safely, tables and lists, on a screen and on a phone."""

from playwright.async_api import Route, expect

from tests.browser.conftest import PHONE, NewPerson
from tests.browser.person import Person

CODE = 'def greet(name: str) -> str:\n    return f"Hello, {name}"  # **not bold**'

REPLY = rf"""## What it does

A paragraph with **bold words**, `code`, a [link](https://example.org/there "There") and mail to
<somebody@example.org>; an [address](javascript:alert(1)) that is none.

1. first
   - nested *one*
   - nested two
2. second

- [x] done
- [ ] to do

| name  | meaning               | count |
|:------|:----------------------|------:|
| alpha | the first of them all |     1 |
| beta  | the one after it      | 1,024 |

```python
{CODE}
```

$$
\int_0^\infty e^{{-x^2}} \, dx = \frac{{\sqrt{{\pi}}}}{{2}}
$$

> Somebody said so.

![a picture](https://example.org/picture.png)
"""

LINKED = "<!doctype html><title>There</title><script>document.title = `${opener} ${document.referrer}`</script>"


async def test_everything_of_markdown_is_drawn_on_a_screen_in_the_dark_and_on_a_phone(new_person: NewPerson) -> None:
    person = await new_person("reader")
    await person.say(REPLY)
    await person.expect_state("complete")
    reply = person.last_reply
    await expect(reply.get_by_role("heading", name="What it does")).to_be_visible()
    await expect(reply.locator("ol > li > ul > li")).to_have_text(["nested one", "nested two"])
    await expect(reply.get_by_role("checkbox")).to_have_count(2)
    await expect(reply.get_by_role("checkbox").first).to_be_checked()
    await expect(reply.get_by_role("cell", name="1,024")).to_have_css("text-align", "end")
    await expect(reply.locator(".formula .katex-display")).to_be_visible()
    await expect(reply.locator("img")).to_have_count(0)
    await person.picture("reading-wide")
    dark = await new_person("reader", color_scheme="dark")
    phone = await new_person("reader", **PHONE)
    for other, name in ((dark, "reading-dark"), (phone, "reading-phone")):
        await other.page.goto(person.page.url)
        await other.expect_state("complete")
        await expect(other.last_reply.locator(".formula .katex-display")).to_be_visible()
        assert await other.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await other.picture(name)


async def test_code_has_colours_its_language_and_a_button_that_copies_it(person: Person) -> None:
    await person.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await person.say(REPLY)
    await person.expect_state("complete")
    code = person.last_reply.locator("figure.code")
    await expect(code.locator("figcaption > span")).to_have_text("python")
    await expect(code.locator(".hljs-keyword").first).to_have_text("def")
    await code.get_by_role("button", name="Copy").click()
    await expect(code.get_by_role("button")).to_have_text("Copied")
    assert await person.page.evaluate("navigator.clipboard.readText()") == CODE


async def test_a_message_is_copied_as_it_was_written(person: Person) -> None:
    await person.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await person.say(REPLY)
    await person.expect_state("complete")
    await person.last_reply.locator(".message-bar").get_by_role("button", name="Copy").click()
    await expect(person.last_reply.get_by_role("button", name="Copied")).to_be_visible()
    assert (await person.page.evaluate("navigator.clipboard.readText()")).strip() == REPLY.strip()


async def test_a_link_opens_beside_the_page_and_learns_nothing_of_it(person: Person) -> None:
    async def answer(route: Route) -> None:
        await route.fulfill(body=LINKED, content_type="text/html")

    await person.page.context.route("https://example.org/**", answer)
    await person.say(REPLY)
    await person.expect_state("complete")
    async with person.page.expect_popup() as popup:
        await person.last_reply.get_by_role("link", name="link", exact=True).click()
    opened = await popup.value
    await expect(opened).to_have_url("https://example.org/there")
    await expect(opened).to_have_title("null ")  # no opener, no referrer
    await expect(person.last_reply.get_by_role("link", name="address")).to_have_count(0)
    await expect(person.last_reply.get_by_role("link", name="somebody@example.org")).to_have_attribute(
        "href", "mailto:somebody@example.org"
    )


async def test_each_message_tells_when_it_came(person: Person) -> None:
    await person.choose(preset="short")
    await person.ask("What time is it?")
    await person.expect_state("complete")
    stamps = person.page.locator(".message .stamp time")
    await expect(stamps).to_have_count(2)
    seconds = "element => Math.abs(Date.now() - Date.parse(element.dateTime)) / 1000"
    for stamp in await stamps.all():
        assert await stamp.evaluate(seconds) < 60


async def test_nothing_moves_when_a_reply_ends(person: Person) -> None:
    """The room of the buttons under it is there before they are."""
    await person.say("Some words, and a few more of them.", token_length=26, tokens_per_second=0.25)
    await person.expect_growth()
    bar = person.last_reply.locator(".message-bar")
    box = "element => JSON.stringify(element.getBoundingClientRect())"
    while_it_grew = await bar.evaluate(box)
    assert await person.last_reply.get_attribute("data-state") == "in_progress"
    await expect(bar.get_by_role("button")).to_have_count(0)
    await person.expect_state("complete")
    await expect(bar.get_by_role("button", name="Copy")).to_be_visible()
    assert await bar.evaluate(box) == while_it_grew
