"""The stack's own folder."""

import os
from pathlib import Path

import pytest

from oasst_site.stack.errors import StackError
from oasst_site.stack.folder import LOG_LIMIT, LocalFolder


@pytest.fixture
def folder(tmp_path: Path) -> LocalFolder:
    folder = LocalFolder(tmp_path / "local")
    folder.claim()
    return folder


def test_a_secret_is_made_once_and_only_we_can_read_it(folder: LocalFolder) -> None:
    value = folder.secret("secret_key")
    assert len(value) > 40
    assert folder.secret("secret_key") == value
    assert folder.secret("other") != value
    path = folder.path / "secrets" / "secret_key"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_an_empty_secret_is_made_anew(folder: LocalFolder) -> None:
    folder.secret("secret_key")
    (folder.path / "secrets" / "secret_key").write_text("")
    assert folder.secret("secret_key")


def test_a_folder_is_held_by_one_stack_until_it_lets_go(folder: LocalFolder) -> None:
    second = LocalFolder(folder.path)
    with pytest.raises(StackError, match="Another stack runs on"):
        second.claim()
    folder.release()
    second.claim()
    second.release()


def test_servers_that_run_alone_share_the_folder_and_keep_a_stack_off(tmp_path: Path) -> None:
    postgres, valkey, other = (LocalFolder(tmp_path / "local") for _ in range(3))
    postgres.claim("postgres")
    valkey.claim("valkey")
    with pytest.raises(StackError, match=f"Another valkey runs on .*process {os.getpid()}"):
        other.claim("valkey")
    postgres.release()
    with pytest.raises(StackError, match="Another stack runs on"):
        other.claim()
    valkey.release()
    other.claim()
    with pytest.raises(StackError, match=f"Another stack runs on .*process {os.getpid()}"):
        postgres.claim("postgres")
    other.release()


def test_a_big_log_is_put_aside(folder: LocalFolder) -> None:
    path = folder.log_file("web")
    path.write_bytes(b"x" * (LOG_LIMIT + 1))
    assert folder.log_file("web") == path
    assert not path.exists()
    assert path.with_name("web.log.1").stat().st_size == LOG_LIMIT + 1
