"""The tables of docs/settings.md and the code name the same variables with the same defaults."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("oasst_site", "workers", "chats", "inference")
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "FORCE_COLOR", "NO_COLOR", "PATH", "TERM"}
"""What every program of this kind reads."""


class Variable(NamedTuple):
    """An environment variable as the code reads it; the default as the table shows it, None where it is computed."""

    name: str
    default: str | None


def read_by_the_code() -> list[Variable]:
    """Every environment variable that any module reads."""
    found: list[Variable] = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in path.parts and "migrations" not in path.parts:
                found += variables_of(ast.parse(path.read_text(encoding="utf-8")))
    return [variable for variable in found if variable.name not in NOT_OURS]


def variables_of(tree: ast.Module) -> Iterator[Variable]:
    """The variables that one module reads."""
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def text(node: ast.expr) -> str | None:
        value = constants.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None)
        return value if isinstance(value, str) and re.fullmatch(r"[A-Z][A-Z0-9_]+", value) else None

    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        for keyword in node.keywords:
            if keyword.arg == "envvar" and (name := text(keyword.value)):
                yield Variable(name, None)
        called = ast.unparse(node.func)
        if called.startswith("env.") and node.args and (name := text(node.args[0])):
            default = shown(node.args[1]) if len(node.args) > 1 else None
            yield Variable(name, None if default == name else default)
        elif (
            called == "setting" and len(node.args) == 3 and (name := text(node.args[1]))
        ):  # oasst_site/stack/options.py
            yield Variable(name, shown(node.args[2]))
        elif re.search(r"environ(ment)?\.get$|\.given$", called) and node.args and (name := text(node.args[0])):
            yield Variable(name, None)


def shown(default: ast.expr) -> str | None:
    """A default as the table shows it, None for one that depends on something."""
    if isinstance(default, ast.Name):
        return default.id  # another setting
    try:
        value = eval(compile(ast.Expression(default), "settings", "eval"), {"__builtins__": {}})
    except NameError:
        return None
    if value in ("", []):
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def told_by_the_page() -> dict[str, str]:
    """Each variable of the tables with its default."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| (.*?) \| .+ \|$", page, re.MULTILINE)
    assert len(rows) == len({name for name, _ in rows}), "a variable stands in the tables twice"
    return {name: default.strip("`") for name, default in rows}


def test_the_tables_name_exactly_what_the_code_reads():
    assert set(told_by_the_page()) == {variable.name for variable in read_by_the_code()}


@pytest.mark.parametrize(
    "variable", [each for each in read_by_the_code() if each.default is not None], ids=lambda variable: variable.name
)
def test_the_table_tells_the_default_of(variable):
    told = told_by_the_page()[variable.name]
    assert told in (variable.default, "empty") if variable.name == "MODEL_CONFIG_NAME" else told == variable.default
