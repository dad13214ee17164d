"""The documents fit the repository: links lead somewhere, files exist, packages have their reasons."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
IDS = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
GIVEN = {
    *("celery", "kombu", "redis", "django", "djangorestframework", "channels", "channels_redis", "daphne", "psycopg"),
    *("text-generation", "pynvml", "pytest-django"),
}
"""The stack that was given; every further package has its reason."""


def prose(path: Path) -> str:
    """The document without its code blocks."""
    return re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(path: Path) -> set[str]:
    """The anchors of the headings, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_every_link_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)]+)\)", prose(path)):
        if re.match(r"https?:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), f"{target} does not exist"
        assert not anchor or anchor in anchors(there), f"{target}: no such heading"


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_every_file_that_is_named_exists(path):
    named = re.findall(
        r"`((?:oasst_site|workers|chats|inference|tests|requirements|docs|docker|deploy)/[\w./-]*)`", prose(path)
    )
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing


def defined_in(path: Path) -> set[str]:
    """The functions, classes and methods (`Class.method`) of a Python or JavaScript file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return set(re.findall(r"^(?:export )?(?:async )?(?:function\*?|class|const) (\w+)", text, re.MULTILINE))
    found: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{each.name}"
                for each in node.body
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_every_function_that_is_named_with_its_file_is_there(path):
    named = re.findall(r"`([\w.]+)`\s+in\s+`([\w./]+\.(?:py|js))`", prose(path))
    assert len(named) > 30 or path.name != "token.md"
    missing = [f"{name} in {file}" for name, file in named if name not in defined_in(ROOT / file)]
    assert not missing


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_headings_are_unique_and_begin_with_one_title(path):
    headings = re.findall(r"^(#+) (.+)$", prose(path), re.MULTILINE)
    assert [level for level, _ in headings].count("#") == 1
    assert headings[0][0] == "#"
    if path.name != "CHANGELOG.md":
        titles = [title for _, title in headings]
        assert len(titles) == len(set(titles))


def wanted_packages() -> set[str]:
    """The names in requirements/*.in and in the page's package.json."""
    lines = [
        line.split("#")[0].strip()
        for path in (ROOT / "requirements").glob("*.in")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    python = {re.split(r"[\[=<>~ ]", line)[0].lower() for line in lines if line and not line.startswith("-")}
    page = json.loads((ROOT / "chats" / "page" / "package.json").read_text(encoding="utf-8"))
    return python | set(page.get("dependencies", {})) | set(page.get("devDependencies", {}))


def test_every_further_package_has_its_reason():
    text = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", text, re.MULTILINE)
    reasoned = {name.strip() for row in rows for name in row.split(",")} - {"package"}
    assert reasoned == wanted_packages() - GIVEN


def test_the_image_of_tgi_is_everywhere_the_same():
    files = [*DOCUMENTS, ROOT / "docker/compose.yaml", ROOT / "deploy/kubernetes/engine.yaml"]
    versions = {
        version for path in files for version in re.findall(r"text-generation-inference:([\d.]+)", path.read_text())
    }
    assert len(versions) == 1
