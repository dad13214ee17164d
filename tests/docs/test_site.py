"""The documentation as a site: built without a warning, and a reader's browser asks no other host for anything."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.async_api import async_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.docs.test_documents import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )
    return folder


def test_every_page_is_reached_from_the_menu(site):
    menu = (site / "index.html").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        address = page.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        assert f'href="{address}"' in menu, f"mkdocs.yml's nav lacks {page.name}"


def test_no_page_loads_anything_from_another_host(site):
    for page in site.rglob("*.html"):
        loaded = re.findall(r"<(?:script|img|iframe|link|source|video)\b[^>]*>", page.read_text(encoding="utf-8"))
        away = [tag for tag in loaded if re.search(r"""(?:src|href)=["']?(?:https?:)?//""", tag)]
        assert not away
    for style in site.rglob("*.css"):
        assert not re.search(r"""url\(["']?(?:https?:)?//|@import""", style.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site by HTTP: a browser lets no page of the disk search."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")
async def test_a_browser_shows_the_pictures_and_searches_and_asks_no_other_host(address):
    asked: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{address}/architecture.html")
        pictures = await page.eval_on_selector_all("article img", "images => images.map(image => image.naturalWidth)")
        await page.get_by_text("Type to start searching").wait_for(state="attached")
        await page.keyboard.press("/")
        await page.keyboard.type("reconciler")
        await page.locator("[data-md-component=search-result]").get_by_text("The reconciler").first.wait_for()
        await browser.close()
    assert len(pictures) >= 3
    assert all(width > 0 for width in pictures)
    assert all(url.startswith((f"{address}/", "data:", "blob:")) for url in asked), asked
