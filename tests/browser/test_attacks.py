"""A corpus of attacks by what a model says, through the page's own way from Markdown to nodes: nothing gets through.

attacks.json calls attack(), which notes that it was called, and asks for things from https://attacker.example, which a
person's window reports as a complaint like everything that the page's policy forbids.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.person import Person

ATTACKS: dict[str, list[str]] = json.loads(Path(__file__).with_name("attacks.json").read_text(encoding="utf-8"))

ALLOWED = set(
    """
a b blockquote br button code del details em figcaption figure h1 h2 h3 h4 h5 h6 hr i input ins kbd li mark ol p pre
s small span strong sub summary sup table tbody td th thead tr u ul div
""".split()  # noqa: SIM905
)
"""The names of nodes that Markdown may become, the page's own frames around code and tables, and places of formulas."""

DRAW = """
async ([texts, steps]) => {
  const { LiveText } = await import("#chat/markdown/live_text");
  const { loadMath } = await import("#chat/markdown/math");
  const { loadHighlighter } = await import("#chat/markdown/highlight");
  await Promise.all([loadMath(), loadHighlighter()]);
  window.attacked = [];
  window.attack = () => window.attacked.push(window.event?.type ?? "called");
  const lives = texts.map((text) => {
    const place = document.createElement("div");
    place.className = "prose";
    document.querySelector("#scroller").append(place);
    return { text, live: new LiveText(place) };
  });
  for (let step = 1; step < steps; step += 1) {
    for (const { text, live } of lives) live.show(text.slice(0, Math.ceil((text.length * step) / steps)), false);
    await new Promise(requestAnimationFrame);
  }
  for (const { text, live } of lives) live.show(text, true);
  await new Promise((resolve) => setTimeout(resolve));
}
"""

LOOK = """
async () => {
  const names = new Set(), bad = [], nodes = [...document.querySelectorAll("#scroller .prose *")];
  for (const node of nodes) {
    const drawn = node.closest(".formula[data-drawn=''] > *") !== null; // by KaTeX, into the page's own nodes
    if (!drawn) names.add(node.localName);
    if (drawn && ["a", "img", "script", "style"].includes(node.localName)) bad.push(`${node.localName} in a formula`);
    for (const { name, value } of node.attributes) {
      if (name === "style" && drawn && !/url|position: *fixed/.test(value)) continue;
      if (/^(on.*|style|id|name|src|srcset|action|formaction|data|ping|background|form|for)$/.test(name)) {
        bad.push(`${node.localName} ${name}="${value}"`);
      }
      if (/href/.test(name) && !/^(https?:|mailto:)/.test(value)) bad.push(`${name}="${value}"`);
    }
    if (node.localName === "a" && node.hasAttribute("href")) {
      if (node.target !== "_blank" || !/noopener noreferrer/.test(node.rel)) bad.push(node.outerHTML);
    }
    if (node.localName === "input" && !(node.type === "checkbox" && node.disabled)) bad.push(node.outerHTML);
    for (const type of ["mouseover", "focus", "error", "load", "toggle"]) node.dispatchEvent(new Event(type));
  }
  const ids = ["thread", "composer", "prompt", "page", "math-style"];
  const pages = ids.map((id) => document.querySelectorAll(`#${id}`).length);
  await new Promise((resolve) => setTimeout(resolve, 100)); // a load that fails, or a refresh, comes a moment later
  return {
    names: [...names], bad, pages, attacked: window.attacked, address: location.pathname,
    shown: getComputedStyle(document.body).display, width: document.documentElement.scrollWidth <= innerWidth,
  };
}
"""


async def expect_nothing_got_through(person: Person) -> None:
    """Look at every node that was made; the page itself must be what it was."""
    address = person.page.url.removeprefix(person.site.url)
    seen: dict[str, Any] = await person.page.evaluate(LOOK)
    assert {"p", "code"} & set(seen["names"]), "the attacks must have been drawn"
    assert seen["bad"] == []
    assert set(seen["names"]) - ALLOWED == set()
    assert seen["attacked"] == []
    assert seen["pages"] == [1, 1, 1, 1, 1]
    assert (seen["address"], seen["shown"], seen["width"]) == (address, "block", True)


@pytest.mark.parametrize("kind", ATTACKS)
async def test_no_attack_gets_through_whole_growing_or_amid_others(person: Person, kind: str) -> None:
    attacks = ATTACKS[kind]
    await person.page.evaluate(DRAW, [attacks, 1])
    await person.page.evaluate(DRAW, [[f"before **b** \n\n{attack}\n\nafter" for attack in attacks], 24])
    await person.page.evaluate(DRAW, [["\n\n".join(attacks), " ".join(attacks)], 40])
    await expect_nothing_got_through(person)


async def test_attacks_that_come_as_a_reply_do_not_get_through_either(person: Person) -> None:
    everything = "\n\n".join(attack for attacks in ATTACKS.values() for attack in attacks)
    await person.page.evaluate("window.attacked = []; window.attack = () => window.attacked.push('called'); 0")
    await person.say(everything, token_length=97)
    await person.expect_state("complete")
    await expect_nothing_got_through(person)


async def test_the_sanitizer_alone_lets_none_through_either(person: Person) -> None:
    """The parser shows most tags as they were written; should it ever fail to, the sanitizer must do without it."""
    await person.page.evaluate(
        """
        async (texts) => {
          const { sanitizeHighlighted, sanitizeMathML, sanitizeProse } = await import("#chat/markdown/sanitize");
          window.attacked = [];
          window.attack = () => window.attacked.push("called");
          const place = document.createElement("div");
          place.className = "prose";
          document.querySelector("#scroller").append(place);
          for (const text of texts) place.append(sanitizeProse(text), sanitizeHighlighted(text));
          for (const text of texts) place.append(sanitizeMathML(text));
          for (const math of place.querySelectorAll("math")) math.remove();
        }
        """,
        [attack for attacks in ATTACKS.values() for attack in attacks],
    )
    await expect_nothing_got_through(person)
    # The policy is asked already where DOMPurify looks at the markup, in a document that is never shown.
    assert [words for words in person.complaints if "The action has been blocked." not in words] == []
    person.complaints.clear()
