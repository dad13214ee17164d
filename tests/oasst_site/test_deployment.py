"""Production settings pass `check --deploy`; each one that must not go out is named, or ends the process in a line."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.forked import ROOT, Forked, forked

PRODUCTION = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "chat.example.org",
    "HTTPS": "true",
    "TRUSTED_PROXIES": "1",
    "DATABASE_URL": f"postgres://oasst:{secrets.token_hex(16)}@db.example.org:5432/oasst",
    "REDIS_URL": f"redis://:{secrets.token_hex(16)}@redis.example.org:6379/0",
    "METRICS_TOKEN": secrets.token_hex(16),
    "ROOT_TOKEN": secrets.token_hex(16),
}

SENT_OUT_WRONGLY = [
    ({"DEBUG": "true"}, "security.W018"),
    ({"ALLOW_DEBUG_AUTH": "true"}, "accounts.E001"),
    ({"RATE_LIMIT": "false"}, "accounts.W001"),
    ({"SECRET_KEY": "short-key-of-mine"}, "security.W009"),
    ({"HTTPS": "false"}, "site.W003"),
    ({"ALLOWED_HOSTS": "*"}, "site.W001"),
    ({"ALLOWED_HOSTS": ""}, "security.W020"),
    ({"ALLOWED_HOSTS": "localhost,127.0.0.1"}, "site.W002"),
    ({"TRUSTED_PROXIES": "0"}, "site.W004"),
    ({"CSRF_TRUSTED_ORIGINS": "http://friend.example.org"}, "site.W005"),
    ({"DATABASE_URL": "postgres://postgres:postgres@db:5432/postgres"}, "site.E002"),
    ({"REDIS_URL": "redis://redis.example.org:6379/0"}, "site.W006"),
    ({"DATABASE_POOL_SIZE": "3"}, "site.W007"),
    ({"METRICS_TOKEN": ""}, "site.W008"),
    ({"LOG_TEXT": "true"}, "site.W009"),
    ({"DEBUG_API_KEYS": "0000"}, "workers.W001"),
    ({"WORKER_KEYS_REQUIRED": "false"}, "workers.W002"),
]

IMPOSSIBLE = [
    ({"SECRET_KEY": ""}, "SECRET_KEY is empty"),
    ({"SECRET_KEY": "for-development-only-do-not-use-in-production"}, "SECRET_KEY is the one for development"),
    ({"ROOT_TOKEN": "root"}, "ROOT_TOKEN holds a secret of 4 characters"),
    ({"TRUSTED_CLIENT_KEYS": "6969"}, "TRUSTED_CLIENT_KEYS holds a secret of 4 characters"),
    ({"AUTH_GITHUB_CLIENT_ID": "x"}, "AUTH_GITHUB_CLIENT_ID and AUTH_GITHUB_CLIENT_SECRET: one is set"),
    ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "DATABASE_URL begins with 'sqlite'"),
    ({"REDIS_URL": "memcached://here"}, "REDIS_URL begins with 'memcached'"),
    ({"CELERY_BROKER_URL": "memory://"}, "CELERY_BROKER_URL begins with 'memory'"),
    ({"DATABASE_POOL_SIZE": "0"}, "DATABASE_POOL_SIZE is 0"),
    ({"DATABASE_THREADS": "0"}, "DATABASE_THREADS is 0; it must be 1 or more"),
    ({"FAIR_SHARE_S": "-1"}, "FAIR_SHARE_S is -1; it must be 0 or more"),
    ({"MAX_ATTEMPTS": "five"}, 'Environment variable "MAX_ATTEMPTS" invalid'),
    ({"DEBUG_API_KEYS": "[1]"}, 'Environment variable "DEBUG_API_KEYS" invalid: It must be a list of strings'),
    ({"DEBUG_API_KEYS": "[one"}, 'Environment variable "DEBUG_API_KEYS" invalid: It begins like a JSON list'),
    ({"COMPLIANCE_FAIL_ACTION": "shout"}, 'Environment variable "COMPLIANCE_FAIL_ACTION" invalid'),
]


def ids(cases):
    return [f"{name}={value[:24]}" for bad, _ in cases for name, value in bad.items()]


Manage = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def fork() -> Iterator[Forked]:
    with forked(environ={"PATH": os.environ["PATH"]}) as process:
        yield process


@pytest.fixture
def manage(fork: Forked) -> Manage:
    """A command of manage.py, in a fork: there are many of them."""

    def manage(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return fork.run("manage.py", *arguments, environ=PRODUCTION | environ)

    return manage


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The same as a process of its own, for any program."""
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=PRODUCTION | environ, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


CHECK = ("check", "--deploy", "--fail-level", "WARNING")


def test_production_settings_are_clean():
    ended = run("manage.py", *CHECK)
    assert ended.returncode == 0, ended.stderr
    assert "no issues" in ended.stdout


@pytest.mark.parametrize(("bad", "told"), SENT_OUT_WRONGLY, ids=ids(SENT_OUT_WRONGLY))
def test_what_must_not_go_out_is_named(manage, bad, told):
    ended = manage(*CHECK, **bad)
    assert ended.returncode != 0
    assert told in ended.stderr


@pytest.mark.parametrize(("bad", "told"), IMPOSSIBLE, ids=ids(IMPOSSIBLE))
def test_an_impossible_setting_ends_a_command_with_one_line(manage, bad, told):
    ended = manage("check", **bad)
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith("Error: ")
    assert told in line


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "oasst_site.web", "-p", "0"),
        ("-m", "celery", "-A", "oasst_site", "worker", "-n", "x@%h", "-Q", "maintenance"),
        ("-m", "celery", "-A", "oasst_site", "beat"),
    ],
    ids=["web", "worker", "beat"],
)
def test_every_process_refuses_them_in_the_same_line(command):
    ended = run(*command, DATABASE_THREADS="0")
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("Error: DATABASE_THREADS is 0")


def test_traces_that_nobody_can_send_are_refused_with_the_way_out(tmp_path):
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").write_text("raise ImportError('not installed')")
    ended = run(
        "-m", "oasst_site.web", "-p", "0", OTEL_EXPORTER_OTLP_ENDPOINT="http://c:4318", PYTHONPATH=str(tmp_path)
    )
    assert ended.returncode != 0
    assert "pip install -r requirements/tracing.txt" in ended.stderr.splitlines()[-1]


def test_a_page_of_production_carries_what_protects_it():
    code = (
        "import django; django.setup(); from django.test import Client;"
        "a = Client(headers={'host': 'chat.example.org', 'x-forwarded-proto': 'https'}).get('/login');"
        "print(a.status_code, dict(a.headers)); print(a.cookies['csrftoken'].OutputString())"
    )
    ended = run("-c", code, DJANGO_SETTINGS_MODULE="tests.settings_without_manifest")
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.startswith("200 ")
    for part in ("Strict-Transport-Security", "Content-Security-Policy", "default-src 'none'", "Secure", "nosniff"):
        assert part in ended.stdout, part
    assert "unsafe-inline" not in ended.stdout
