"""The tutorial, typed as it stands there, does what it says."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from oasst_site.stack.ports import free_port
from tests.docs.blocks import Shell, Terminal, blocks, terminals
from tests.oasst_site.stack.stack_run import READY, ROOT, environment, started_in

pytestmark = [
    pytest.mark.skipif(
        shutil.which("curl") is None, reason="there is no curl on this machine (Debian: apt install curl)"
    ),
    pytest.mark.skipif(shutil.which("make") is None, reason="there is no make on this machine"),
]

RUNS = {"first terminal": READY, "third terminal": "listening", "fourth terminal": "is open"}
"""What a process shows when the next step may be done."""

SHOWN = (
    "A model of the catalogue answers only while a worker serves it",
    '"object":"list"',
    "rm -rf .local",
    "Ctrl-C, SIGTERM, or",
    "added parrot",
    "",
    '"model": "parrot"',
)
"""What the steps in the second terminal show, one after the other; filler words may be any."""


def typed(folder: Path) -> Iterator[tuple[str, str]]:
    """Each block's terminal and text, for this folder and free ports."""
    ports = {"8000": str(free_port()), "8090": str(free_port())}
    for block in blocks((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")):
        text = block.text.replace(".local/", f"{folder}/")
        for told, port in ports.items():
            text = text.replace(f"localhost:{told}", f"localhost:{port}").replace(f"--port {told}", f"--port {port}")
        if "make run" in text:
            text = text.replace("make run", f"PORT={ports['8000']} make run")
        if "chats.text_client" in text:
            text = text.replace("chats.text_client", f"chats.text_client --url http://localhost:{ports['8000']}")
        yield block.title, text


def test_every_step_of_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "local"
    environ = environment(LOCAL_DIR=str(folder), PYTHONUNBUFFERED="1")
    said: list[str] = []
    with terminals() as opened, closing(Shell(environ)) as second:
        for number, (title, text) in enumerate(typed(folder)):
            if title == "second terminal":
                said.append(second.type(text))
                continue
            for before in [each for each in opened if each.name == title]:
                before.ctrl_c()
            opened.append(Terminal(title, text, tmp_path / f"{number}.out", environ))
            opened[-1].shows(RUNS[title])
    assert len(said) == len(SHOWN)
    for shown, wanted in zip(said, SHOWN, strict=True):
        assert shown.strip()
        assert wanted in shown
    assert not started_in(folder)
