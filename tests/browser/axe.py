"""axe-core, which finds what keeps people out. It comes into the page by the test alone, past its policy."""

from typing import Any

from playwright.async_api import Page

from tests.live.one_machine import ROOT

SOURCE = ROOT / "chats" / "page" / "node_modules" / "axe-core" / "axe.min.js"

RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.map(({ id, help, nodes }) => ({
    rule: id, help, where: nodes.map(({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary}`),
  }));
}"""


END_ANIMATIONS = """() => document.getAnimations().forEach((each) => {
  if (each.effect.getComputedTiming().endTime < Infinity) each.finish();
})"""
"""What fades or slides in has the contrast of its end."""


async def faults_of(page: Page) -> list[dict[str, Any]]:
    """What axe finds in the page as it is now, all of its rules: each with where, and what would be right."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(SOURCE.read_text(encoding="utf-8"))
    await page.evaluate(END_ANIMATIONS)
    return list(await page.evaluate(RUN))
