"""The documentation as a site: built without a warning, and a reader's browser asks no other host for anything."""

import os
import re
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")
async def test_a_browser_asks_no_other_host_and_shows_the_pictures(site):
    asked: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        await page.goto((site / "architecture.html").as_uri())
        pictures = await page.eval_on_selector_all("article img", "images => images.map(image => image.naturalWidth)")
        await browser.close()
    assert len(pictures) >= 3
    assert all(width > 0 for width in pictures)
    assert asked
    assert all(url.startswith(("file:", "data:")) for url in asked), asked
