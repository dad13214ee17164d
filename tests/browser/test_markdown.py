"""Rendered Markdown in a real DOM: no attack gets through, a growing text ends as the whole one, nothing is fetched."""

from statistics import median
from typing import Any

from playwright.async_api import expect

from tests.browser.person import Person

DRAW = """
async ([text, pieces]) => {
  const { LiveText } = await import("#chat/markdown/live_text");
  const place = document.createElement("div");
  place.className = "prose";
  document.querySelector("#thread").append(place);
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

LOOK = """
() => {
  const names = new Set(), bad = [];
  for (const node of document.querySelectorAll("#thread .prose *")) {
    names.add(node.localName);
    for (const { name, value } of node.attributes) {
      if (/^(on.*|style|id|name)$/.test(name)) bad.push(`${node.localName} ${name}`);
      if (/^(href|src|action|formaction|data|srcset)$/.test(name) && !/^(https?:|mailto:)/.test(value)) {
        bad.push(`${name}=${value}`);
      }
    }
  }
  return { names: [...names], bad, attacked: Boolean(window.attacked) };
}
"""

ALLOWED = """
a b blockquote br button code del details div em figcaption figure h1 h2 h3 h4 h5 h6 hr i input ins kbd li mark ol p pre
s small span strong sub summary sup table tbody td th thead tr u ul
"""

ATTACKS = [
    "<script>window.attacked = 1</script>",
    "<img src=x onerror='window.attacked = 1'>",
    "<svg onload='window.attacked = 1'><script>window.attacked = 1</script></svg>",
    "<svg><animate onbegin=window.attacked=1 attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.attacked=1>",
    "<iframe srcdoc='<script>parent.attacked = 1</script>'></iframe>",
    "<iframe src='javascript:parent.attacked=1'></iframe>",
    "<object data='javascript:window.attacked=1'></object><embed src='javascript:window.attacked=1'>",
    "<a href='javascript:window.attacked=1'>x</a>",
    "[x](javascript:window.attacked=1)",
    "[x](JaVaScRiPt:window.attacked=1)",
    "[x](&#106;avascript:window.attacked=1)",
    "[x](java\tscript:window.attacked=1)",
    "[x](data:text/html,<script>window.attacked=1</script>)",
    "[x](vbscript:window.attacked=1)",
    "[x]( javascript:window.attacked=1 'title')",
    "<javascript:window.attacked=1>",
    "![x](javascript:window.attacked=1)",
    "![x](https://attacker.example/pixel.png)",
    '![x" onerror="window.attacked=1](https://attacker.example/"onerror="window.attacked=1)',
    "<img src='https://attacker.example/pixel.png'>",
    "<link rel=stylesheet href='https://attacker.example/x.css'>",
    "<style>@import 'https://attacker.example/x.css'; body { display: none }</style>",
    "<base href='https://attacker.example/'>",
    "<meta http-equiv=refresh content='0;url=https://attacker.example/'>",
    "<form action='https://attacker.example/'><input autofocus onfocus=window.attacked=1><button>x</button></form>",
    "<details open ontoggle=window.attacked=1><summary>x</summary></details>",
    "<b style='position:fixed;inset:0' onmouseover=window.attacked=1>x</b>",
    "<div id=composer class='toast' style='position:fixed'>x</div>",
    "<a id=page name=prompt>x</a>",
    "<video><source onerror=window.attacked=1></video><audio src=x onerror=window.attacked=1>",
    "<template><img src=x onerror=window.attacked=1></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.attacked=1>'></noscript>",
    "<select><template><img src=x onerror=window.attacked=1></template></select>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=window.attacked=1>",
    "<svg></p><style><a id='</style><img src=1 onerror=window.attacked=1>'>",
    "```html\n<img src=x onerror=window.attacked=1>\n```",
    '```"><img/src=x/onerror=window.attacked=1>\ncode\n```',
    "```js\n</code></pre><script>window.attacked=1</script>\n```",
    "`<img src=x onerror=window.attacked=1>`",
    "| a |\n|---|\n| <img src=x onerror=window.attacked=1> |",
    '[x](https://example.org "title\\" onmouseover=window.attacked=1 x=\\"")',
    "[x][1]\n\n[1]: javascript:window.attacked=1",
    "<!-- <img src=x onerror=window.attacked=1> --!><img src=x onerror=window.attacked=1>",
    "<!--><img src=x onerror=window.attacked=1>-->",
    "<br onclick=window.attacked=1>",
    "<x onclick=window.attacked=1>x</x>",
    "&lt;img src=x onerror=window.attacked=1&gt;",
    "<\x00script>window.attacked=1</script>",
    "</div></div></main><script>window.attacked=1</script>",
]

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


async def test_no_attack_gets_through_whole_or_growing(person: Person) -> None:
    for attack in ATTACKS:
        await _draw(person, attack, len(attack))
        await _draw(person, f"before\n\n{attack}\n\nafter", 7)
    seen: dict[str, Any] = await person.page.evaluate(LOOK)
    assert seen["bad"] == []
    assert set(seen["names"]) <= set(ALLOWED.split())
    assert seen["attacked"] is False
    assert await person.page.evaluate("getComputedStyle(document.body).display") != "none"


async def test_a_growing_text_ends_as_the_whole_one(person: Person) -> None:
    whole = await _draw(person, PROSE, len(PROSE))
    assert "hljs-keyword" in whole
    assert 'align="right"' in whole
    assert 'type="checkbox"' in whole
    for pieces in (1, 3, 17):
        assert await _draw(person, PROSE, pieces) == whole


async def test_thoughts_are_folded_and_drawn_when_one_looks(person: Person) -> None:
    await person.page.evaluate(
        """
        async () => {
          const { makeThoughts } = await import("#chat/views/thoughts");
          const thoughts = makeThoughts();
          document.querySelector("#thread").append(thoughts.element);
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
          document.querySelector("#thread").append(place);
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
