"""Formulas: drawn by KaTeX from our own host, only where there are any, and never half-way."""

from itertools import pairwise

from playwright.async_api import Request, expect

from tests.browser.person import Person

FORMULAS = r"""
The roots of $ax^2 + bx + c = 0$ are

$$
x_{1,2} = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}
$$

- in a list: \(\sum_{k=1}^n k = \frac{n(n+1)}{2}\)

| name | formula |
|------|---------|
| Euler | $e^{i\pi} + 1 = 0$ |

\[
\begin{aligned}
\nabla \cdot \mathbf{E} &= \frac{\rho}{\varepsilon_0} \\
- \nabla \times \mathbf{B} &= 0
\end{aligned}
\]

It costs $5 and $6, and `$x$` is code. **The end.**
"""

MANY = r"""
$\boxed{a}$ $\fbox{b}$ $\colorbox{yellow}{c}$ $\color{red} d$ $\cancel{e}$ $\overbrace{f + g}^h$ $\widehat{xyz}$
$\phase{x}$ $\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$ $\xrightarrow{abc}$ $\sqrt[3]{x}$ $\left( x \right)$
$\mathbb{R}$ $\underline{u}$ $\raisebox{2em}{v}$ $\kern 3em w$ $\rule{1em}{1em}$ $\smash{x}$ $\begin{array}{|c|c|} 1 & 2
\end{array}$ $\text{words: ä}$
"""


async def test_formulas_are_drawn_and_prices_and_code_are_not(person: Person) -> None:
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url))
    await person.say(FORMULAS)
    await person.expect_state("complete")
    drawn = person.last_reply.locator(".formula[data-drawn='']")
    await expect(drawn).to_have_count(5)
    await expect(person.last_reply.locator(".formula .katex")).to_have_count(5)
    await expect(person.last_reply.locator(".katex-display")).to_have_count(2)
    await expect(person.last_reply.locator("math")).to_have_count(5)  # for screen readers
    await expect(person.last_reply.locator("li .katex, td .katex")).to_have_count(2)
    await expect(person.last_reply).to_contain_text("It costs $5 and $6, and $x$ is code.")
    assert any(url.endswith(".woff2") for url in asked)
    assert all(url.startswith(person.site.url) for url in asked if url.startswith("http"))
    await person.picture("math")


async def test_nothing_of_the_renderer_is_fetched_without_a_formula(person: Person) -> None:
    asked: list[Request] = []
    person.page.on("request", lambda request: asked.append(request))
    await person.page.reload()
    await person.say("It costs $5 and $6. `$x$` is code, and so is\n\n```\n$$\ny\n$$\n```\n")
    await person.expect_state("complete")
    await expect(person.last_reply).to_contain_text("It costs $5 and $6.")
    assert [request.url for request in asked if "katex" in request.url.lower()] == []


async def test_a_formula_that_cannot_be_drawn_is_shown_as_it_was_written(person: Person) -> None:
    await person.say(r"Wrong: $\frac{1}{$ and $\nosuchcommand{x}$, unfinished: $$ \frac{1}{2}")
    await person.expect_state("complete")
    await expect(person.last_reply).to_contain_text(r"\nosuchcommand{x}")
    await expect(person.last_reply).to_contain_text(r"$$ \frac{1}{2}")
    await expect(person.last_reply.locator(".formula[data-drawn='not']").last).to_have_text(r"$\nosuchcommand{x}$")


async def test_every_kind_of_formula_keeps_to_the_policy(person: Person) -> None:
    """KaTeX sets styles through the DOM; what it would write as style attributes the policy would report."""
    await person.say(MANY.strip().replace("\n", " "))
    await person.expect_state("complete")
    await expect(person.last_reply.locator(".formula[data-drawn='']")).to_have_count(20)
    await expect(person.last_reply.locator("math [style]")).to_have_count(0)


async def test_a_formula_takes_up_no_more_than_its_reply(person: Person) -> None:
    await person.say(
        r"$\rule{900em}{900em}$ $\href{javascript:alert(1)}{x}$ $\includegraphics{https://attacker.example/x}$"
    )
    await person.expect_state("complete")
    await expect(person.last_reply.locator(".formula[data-drawn]")).to_have_count(3)
    assert await person.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(person.last_reply.locator("img, .formula a")).to_have_count(0)


async def test_a_formula_that_is_being_written_is_kept_back_until_it_is_whole(person: Person) -> None:
    seen: list[str] = await person.page.evaluate(
        r"""
        async (text) => {
          const { LiveText } = await import("#chat/markdown/live_text");
          const { loadMath } = await import("#chat/markdown/math");
          await loadMath();
          const place = document.createElement("div");
          document.querySelector("#scroller").append(place);
          const live = new LiveText(place);
          const seen = new Set();
          for (let length = 1; length <= text.length; length += 1) {
            live.show(text.slice(0, length), false);
            const copy = place.cloneNode(true);
            for (const formula of copy.querySelectorAll(".formula[data-drawn='']")) formula.replaceWith("#");
            seen.add(copy.textContent);
            await new Promise((resolve) => setTimeout(resolve));
          }
          live.show(text, true);
          return [...seen];
        }
        """,
        FORMULAS,
    )
    assert [text for text in seen if "\\" in text or "^" in text or "frac" in text] == []
    assert all(later.startswith(earlier.rstrip()) for earlier, later in pairwise(seen))
