"""Rendered Markdown in a real DOM: a growing text ends as the whole one, and nothing moves on the way."""

from statistics import median

from playwright.async_api import expect

from tests.browser.person import Person

DRAW = """
async ([text, pieces]) => {
  const { LiveText } = await import("#chat/markdown/live_text");
  const place = document.createElement("div");
  place.className = "prose";
  document.querySelector("#scroller").append(place);
  const live = new LiveText(place);
  for (let length = pieces; length < text.length; length += pieces) {
    live.show(text.slice(0, length), false);
    await new Promise((resolve) => setTimeout(resolve));
  }
  live.show(text, true);
  const { loadHighlighter } = await import("#chat/markdown/highlight");
  await loadHighlighter();
  await new Promise((resolve) => setTimeout(resolve));
  return place.innerHTML;
}
"""

STEADY = r'''## A heading with `code`

A paragraph with **bold words**, *soft ones*, ~~gone ones~~, `code`, 2 * 3 * 4, snake_case_names, [a link](https://example.org)
and a formula $a_1^2 + b_2^2$ that is long enough to be broken into several lines, so that the words at their ends show
whether they stay where they are. It costs $5 in all.

1. one
   - nested with *soft words*
   - another

   and more of it
2. two

- [ ] a task
- [x] a task that is done

| left | right |
|:-----|------:|
| 1    | **2** |
| 3    | 4     |

```python
def f(x: int) -> str:
    """Two `ticks` and *stars*."""
    return "**no**" * x
```

> A quote
> of two lines

$$
\sum_{k=1}^n k
- 1
$$

<details><summary>fold</summary>

inside

</details>

H<sub>2</sub>O & done. The **end**.
'''

WATCH = """
async (text) => {
  const { LiveText } = await import("#chat/markdown/live_text");
  const { loadMath } = await import("#chat/markdown/math");
  const { loadHighlighter } = await import("#chat/markdown/highlight");
  await Promise.all([loadMath(), loadHighlighter()]);
  const place = document.createElement("div");
  place.className = "prose growing";
  document.querySelector("#scroller").append(place);
  const live = new LiveText(place);
  const faults = [];

  // Each character that is shown, with its place in the reply.
  const look = () => {
    const origin = place.getBoundingClientRect(), shown = [], range = document.createRange();
    const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement.closest(".formula, .copy-code, details:not([open])")) continue;
      const inTable = Boolean(node.parentElement.closest("table"));
      for (let at = 0; at < node.data.length; at += 1) {
        if (/\\s/.test(node.data[at])) continue;
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const { top, left } = range.getBoundingClientRect();
        const first = at === 0 || /\\s/.test(node.data[at - 1]);
        shown.push({ char: node.data[at], top: top - origin.top, left: inTable ? 0 : left - origin.left, first });
      }
    }
    return shown;
  };
  const near = (one, other) => Math.abs(one - other) < 1.5;
  const isSteady = (was, is) => is && was.char === is.char && near(was.top, is.top) && near(was.left, is.left);

  let before = [];
  for (let length = 1; length <= text.length + 1; length += 1) {
    live.show(text.slice(0, length), length > text.length);
    await new Promise(requestAnimationFrame);
    const now = look();
    const settled = before.findLastIndex(({ first }) => first); // the last word may grow until it does not fit its line
    const moved = before.slice(0, Math.max(0, settled)).findIndex((was, index) => !isSteady(was, now[index]));
    if (moved !== -1) {
      const words = (list) => list.slice(Math.max(0, moved - 15), moved + 15).map(({ char }) => char).join("");
      const end = JSON.stringify(text.slice(Math.max(0, length - 20), length));
      faults.push(`${end}: ${words(before)} -> ${words(now)} ${JSON.stringify([before[moved], now[moved] ?? null])}`);
    }
    before = now;
  }
  return faults;
}
"""

LOAD_MATH = """
async () => {
  const { loadMath } = await import("#chat/markdown/math");
  await loadMath();
}
"""

PROSE = """# Title

A **bold** word, `code`, ~~gone~~ and a [link](https://example.org "t"), see [ref].

1. one
   - nested *two*

   loose
2. three

| left | right |
|:-----|------:|
| 1    | **2** |

```python
def f(x: int) -> str:
    # comment
    return "**no**" * x
```

- [ ] task
- [x] done

> quote
> more

<details><summary>fold</summary>

inside

</details>

H<sub>2</sub>O <unknown> & done. Émoji 🙂 end

[ref]: https://example.org/ref
"""


async def _draw(person: Person, text: str, pieces: int) -> str:
    html: str = await person.page.evaluate(DRAW, [text, pieces])
    return html


async def test_a_growing_text_ends_as_the_whole_one(person: Person) -> None:
    whole = await _draw(person, PROSE, len(PROSE))
    assert "hljs-keyword" in whole
    assert 'align="right"' in whole
    assert 'type="checkbox"' in whole
    for pieces in (1, 3, 17):
        assert await _draw(person, PROSE, pieces) == whole


async def test_a_growing_text_with_formulas_ends_as_the_whole_one(person: Person) -> None:
    await person.page.evaluate(LOAD_MATH)
    whole = await _draw(person, STEADY, len(STEADY))
    assert whole.count('data-drawn=""') == 2
    for pieces in (3, 17):
        assert await _draw(person, STEADY, pieces) == whole


async def test_nothing_that_is_shown_moves_or_vanishes_while_a_text_grows(person: Person) -> None:
    """Character by character: each character before the last word stays where it is, and what it is."""
    faults: list[str] = await person.page.evaluate(WATCH, STEADY)
    assert faults == []


async def test_thoughts_are_folded_and_drawn_when_one_looks(person: Person) -> None:
    await person.page.evaluate(
        """
        async () => {
          const { makeThoughts } = await import("#chat/views/thoughts");
          const thoughts = makeThoughts();
          document.querySelector("#scroller").append(thoughts.element);
          thoughts.update("One **bold** thought", true);
          thoughts.update("One **bold** thought, done.", false);
        }
        """
    )
    folded = person.page.locator(".thoughts")
    await expect(folded.locator("strong")).to_have_count(0)
    await folded.get_by_text("Thoughts").click()
    await expect(folded.locator(".prose")).to_have_text("One bold thought, done.")
    await expect(folded.locator("strong")).to_have_text("bold")


async def test_a_long_reply_costs_no_more_at_its_end_than_at_its_beginning(person: Person) -> None:
    """80 KB of Markdown at 200 characters a frame: what is finished is not drawn again."""
    text = PROSE.replace("[ref]: https://example.org/ref\n", "") * 150
    frames: list[float] = await person.page.evaluate(
        """
        async (text) => {
          const { LiveText } = await import("#chat/markdown/live_text");
          const place = document.createElement("div");
          place.className = "prose";
          document.querySelector("#scroller").append(place);
          const live = new LiveText(place);
          const frames = [];
          for (let length = 200, last = performance.now(); length <= text.length; length += 200) {
            live.show(text.slice(0, length), false);
            await new Promise((resolve) => requestAnimationFrame(resolve));
            frames.push(performance.now() - last);
            last = performance.now();
          }
          return frames;
        }
        """,
        text,
    )
    quarter = len(frames) // 4
    begin_ms, end_ms = median(frames[:quarter]), median(frames[-quarter:])
    assert end_ms < 3 * begin_ms + 20


async def test_what_is_quoted_has_the_gaps_of_what_is_not(person: Person) -> None:
    blocks = "A paragraph.\n\nAnother one.\n\n```sh\nmake run\n```\n\n- an item\n\nThe last one.\n"
    await person.page.evaluate(DRAW, [blocks, 1000])
    quoted = "".join(f"> {line}\n" for line in blocks.splitlines())
    await person.page.evaluate(DRAW, [quoted, 1000])
    gaps = """parent => [...parent.children].slice(1).map((child) =>
        Math.round(child.getBoundingClientRect().top - child.previousElementSibling.getBoundingClientRect().bottom))"""
    plain, quote = person.page.locator("#scroller > .prose").nth(-2), person.page.locator("#scroller blockquote").last
    assert await quote.evaluate(gaps) == await plain.evaluate(gaps)
