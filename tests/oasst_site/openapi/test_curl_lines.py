"""The lines of docs/api.md do what the page says, typed as they stand there, for shorter replies."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.live.one_machine import MODEL, OneMachine

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None, reason="there is no curl on this machine (Debian: apt install curl)"
)


def test_the_lines_of_the_page_work(one_machine_stack: OneMachine):
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4
    lines = "\necho; echo ---\n".join(blocks)
    assert "localhost:8000" in lines
    lines = lines.replace("localhost:8000", one_machine_stack.url.removeprefix("http://"))
    lines = re.sub(r'(\\?")demo(\\?")', rf"\1{MODEL}\2", lines)
    # Not so short that the reply has ended before its stream is asked for: nothing would stream then.
    shorter = {'"max_new_tokens\\": 500': '"max_new_tokens\\": 200', '"messages": ': '"max_tokens": 40, "messages": '}
    for told, typed in shorter.items():
        assert told in lines
        lines = lines.replace(told, typed)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.split("\n---\n")
    assert len(said) == len(blocks)
    assert re.search(r'"[0-9a-f-]{36}"', said[0]), "the id of the user"
    assert '"event_type":"token"' in done.stdout
    assert '"event_type":"message"' in done.stdout
    assert '"chat.completion"' in done.stdout
    assert '"detail"' not in done.stdout
