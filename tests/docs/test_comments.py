"""What a comment or a docstring names is there: files are moved, and words about them stay behind."""

import io
import re
import subprocess
import tokenize
from functools import cache
from pathlib import Path

import pytest

from tests.docs.test_documents import ROOT

CODE = ("oasst_site", "workers", "chats", "inference")
FILE = r"(?<![\w./{-])((?:[\w-]+/)*[\w-]+\.(?:py|js|md|toml|css|html|lua))\b"


@cache
def tracked() -> frozenset[str]:
    """The names of all files, and their paths in the repository."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return frozenset(listed) | {Path(path).name for path in listed}


def words_about_code(path: Path) -> str:
    """The comments and the texts that stand alone in a Python file; the comments of a JavaScript file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return "\n".join(re.findall(r"(?:^|\s)//.*|/\*\*.*?\*/", text, re.DOTALL | re.MULTILINE))
    told = []
    before = None
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        stands_alone = before in (None, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and stands_alone):
            told.append(token.string)
        if token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.ENCODING):
            before = token.type
    return "\n".join(told)


@pytest.mark.parametrize("package", CODE)
def test_every_file_that_a_comment_names_is_there(package):
    if not (ROOT / ".git").exists():
        pytest.skip("this is no repository: nobody knows which files belong to it")
    files = [ROOT / path for path in tracked() if path.startswith(f"{package}/") and path.endswith((".py", ".js"))]
    assert len(files) > 10
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        if path.exists()
        for name in re.findall(FILE, words_about_code(path))
        if name not in tracked() and Path(name).name not in tracked() and not (ROOT / name).exists()
    ]
    assert not missing
