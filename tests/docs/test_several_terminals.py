"""The commands of docs/development.md for several terminals, typed as they stand there, are a system that answers."""

import subprocess
from pathlib import Path

from oasst_site.stack.ports import free_port
from tests.docs.blocks import Terminal, blocks, section, terminals
from tests.oasst_site.stack.stack_run import ROOT, environment, started_in

GROUPS = (
    {"database": "postgres runs", "redis": "valkey runs", "engine": "listening"},
    {"server": "made the superuser admin"},
    {"worker": "ready.", "another worker": "ready.", "maintenance": "ready."},
)
"""The terminals that are opened at once, and what each shows when the next ones may be."""


def test_the_commands_of_the_page_are_a_system_that_answers(tmp_path: Path) -> None:
    folder = tmp_path / "local"
    ports = {"localhost:8000": free_port(), "localhost:8080": free_port()}
    environ = environment(LOCAL_DIR=str(folder), PYTHONUNBUFFERED="1")
    typed = {each.title: each.text for each in blocks(section("development.md", "### In several terminals"))}
    assert list(typed) == [title for group in GROUPS for title in group] + ["text client"]

    def here(text: str) -> str:
        for address, port in ports.items():
            text = text.replace(address, f"localhost:{port}")
        web, engine = ports.values()
        return (
            text.replace("-p 8000", f"-p {web}")
            .replace("--port 8080", f"--port {engine}")
            .replace(" .local/env", f" {folder}/env")
        )

    with terminals() as opened:
        for group in GROUPS:
            these = [Terminal(title, here(typed[title]), tmp_path / f"{title}.out", environ) for title in group]
            opened += these
            for terminal in these:
                terminal.shows(group[terminal.name])
        asked = subprocess.run(
            ["bash", "-c", here(typed["text client"])],
            cwd=ROOT,
            env=environ,
            input="How do I start?\n",
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert asked.returncode == 0, asked.stderr
        assert "make run" in asked.stdout
    assert not started_in(folder)
    assert not (folder / "env").exists()
