"""A real Chromium before the real site. Skipped, with the reason, where there is no chromium."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from inspect import iscoroutinefunction
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.person import Person
from tests.browser.site import MODELS
from tests.live.one_machine import OneMachine, one_machine

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = {"width": 1280, "height": 800}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

NewPerson = Callable[..., Awaitable[Person]]

HAS_FAILED = pytest.StashKey[bool]()

_numbers = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test here drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if iscoroutinefunction(getattr(item, "function", None)):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)  # one browser for all of them
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no chromium on this machine: apt-get install chromium"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The fixtures know at their end whether the test has failed."""
    report = yield
    item.stash[HAS_FAILED] = item.stash.get(HAS_FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneMachine]:
    """The site, one for all tests; each has people and words of its own."""
    with one_machine(tmp_path_factory.mktemp("browser"), {"OASST_MODELS_FILE": str(MODELS)}) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium; each person has a profile of their own in it."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await asyncio.wait_for(chromium.close(), 60)


@pytest_asyncio.fixture(loop_scope="session")
async def new_person(request: pytest.FixtureRequest, site: OneMachine, browser: Browser) -> AsyncIterator[NewPerson]:
    """Makes people, each in a browser profile of their own; at the end none may have seen an error in the console.

    A failure tells what each of them sees.
    """
    async with AsyncExitStack() as stack:
        people: list[Person] = []

        async def make(name: str | None = None, *, url: str | None = None, **profile: Any) -> Person:
            """`url`: an address of the site over another way; `profile`: see Playwright's new_context."""
            context = await stack.enter_async_context(await browser.new_context(**({"viewport": WIDE} | profile)))
            person = Person(replace(site, url=url or site.url), await context.new_page())
            people.append(person)
            if name is None:
                await person.log_in(f"person {next(_numbers)}")
            elif name:
                await person.log_in(name)
            return person

        yield make
        if request.node.stash[HAS_FAILED]:
            for person in people:
                request.node.add_report_section("teardown", "page", await person.sees())
        assert [person.complaints for person in people] == [[] for _ in people]


@pytest_asyncio.fixture(loop_scope="session")
async def person(new_person: NewPerson) -> Person:
    """Somebody who has logged in."""
    return await new_person()
