"""Every command that a document tells can be typed: its program, its subcommand and its options are there.

Those that can be tried without a GPU are tried: docs/api.md by tests/oasst_site/openapi/test_curl_lines.py,
docs/development.md by test_several_terminals.py, docs/tutorial.md by test_tutorial.py.
"""

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import click
import pytest
from celery.worker.control import Panel
from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, resolve

from oasst_site.celery import app
from tests.docs.test_documents import DOCUMENTS, IDS, ROOT
from tests.oasst_site.test_settings_table import told_by_the_page


def code(path: Path) -> list[str]:
    """What stands in code: the lines of blocks that are typed, and the pieces within sentences."""
    text = path.read_text(encoding="utf-8")
    lines: list[str] = []
    for language, block in re.findall(r"^ *```(\w+)[^\n]*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
        block = re.sub(r"\\\n\s*", " ", block)
        if language == "sh":
            lines += block.splitlines()
        elif language == "console":
            lines += [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [line.strip() for line in lines] + re.findall(r"`([^`\n]+)`", prose)


def all_code() -> list[tuple[str, str]]:
    return [(name, piece) for path, name in zip(DOCUMENTS, IDS, strict=True) for piece in code(path)]


def words(piece: str, begin: str) -> list[list[str]]:
    """The arguments of each command in the piece that begins so, up to a pipe, a semicolon, a remark."""
    found = []
    for rest in re.split(rf"(?:^|(?<=[\s(]))(?:\S*/)?{begin}(?:\s+|$)", piece)[1:]:
        part = re.split(r"\s#|[|;&<>)]|,\s", rest, maxsplit=1)[0]
        found.append(shlex.split(part.replace("...", " ")))
    return found


def options(arguments: list[str]) -> list[str]:
    return [word.split("=")[0] for word in arguments if re.match(r"--?[A-Za-z]", word)]


def told(begin: str) -> list[tuple[str, list[str]]]:
    """Each command that begins so, with its document."""
    return [(name, arguments) for name, piece in all_code() for arguments in words(piece, begin) if arguments]


MANAGE = told(r"manage\.py")
MODULES = told("python3? -m")
CELERY = told("celery -A oasst_site")


def test_every_target_of_make_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for _, arguments in told("make") for word in arguments[:1] if re.fullmatch(r"[a-z-]+", word)}
    assert len(named) > 5
    assert named <= targets


@pytest.mark.parametrize(("name", "arguments"), MANAGE, ids=str)
def test_every_command_of_manage_py_is_there_with_its_options(name, arguments):
    command, *rest = arguments
    assert command in get_commands()
    app_name = get_commands()[command]
    parser = load_command_class(app_name, command).create_parser("manage.py", command)
    known = {option for action in parser._actions for option in action.option_strings}
    for action in parser._actions:
        for sub in (action.choices or {}).values() if isinstance(action.choices, dict) else ():
            known |= {option for each in sub._actions for option in each.option_strings}
    assert set(options(rest)) <= known


@cache
def helped(module: str) -> str:
    """What the module's --help says."""
    asked = [sys.executable, "-m", module, "--help"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("name", "arguments"), MODULES, ids=str)
def test_every_module_that_is_run_is_there_with_its_options(name, arguments):
    module, *rest = arguments
    if module in ("venv", "pytest"):
        return
    file = ROOT / Path(*module.split("."))
    assert file.with_suffix(".py").exists() or (file / "__main__.py").exists(), f"there is no {module}"
    for option in options(rest):
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", helped(module)), f"{module} has no {option}"


@cache
def command_line() -> click.Group:
    """Celery's own, which ours are added to in its own processes alone."""
    from celery.bin.celery import celery

    from workers import cli

    cli.install(app)
    return celery


@pytest.mark.parametrize(("name", "arguments"), CELERY, ids=str)
def test_every_command_of_celery_is_there_with_its_options(name, arguments):
    celery = command_line()

    command, *rest = arguments
    assert command in celery.commands
    if command in ("inspect", "control"):
        assert not rest or rest[0] in Panel.data, f"there is no {rest[0]}"
        return
    # The worker's own options are added when the application is known.
    known = {option for parameter in celery.commands[command].params for option in parameter.opts}
    known |= {option for each in app.user_options[command] if isinstance(each, click.Option) for option in each.opts}
    assert set(options(rest)) <= known


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_every_block_for_a_shell_can_be_read_by_one(path):
    text = path.read_text(encoding="utf-8")
    for block in re.findall(r"^```sh[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        read = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
        assert read.returncode == 0, f"{read.stderr}\n{block}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_every_variable_that_is_set_is_a_setting(path):
    for piece in code(path):
        program = r"(?:\S*/)?(?:make|python -m|python manage|celery|docker)\b"
        typed = re.match(rf"((?:[A-Z][A-Z0-9_]*=\S+\s+)+){program}", piece)
        for name in re.findall(r"([A-Z][A-Z0-9_]*)=", typed[1]) if typed else ():
            assert name in {*told_by_the_page(), "ENGINE_PORT"}, piece


@pytest.mark.parametrize("path", DOCUMENTS, ids=IDS)
def test_every_address_that_is_asked_by_curl_is_there(path):
    for piece in code(path):
        for address in re.findall(r"curl .*?localhost:8000(/[\w/.{}$-]+)", piece):
            filled = re.sub(r"\$?\{?\$?\w*ID\w*\}?|\$\w+|\{\w+\}", "00000000-0000-7000-8000-000000000000", address)
            try:
                resolve(filled)
            except Resolver404:
                pytest.fail(f"{piece}: there is no {address}")
