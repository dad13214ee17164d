"""The servers and the environment of every test, set before Django reads its settings.

PostgreSQL and Valkey are started by the first test that needs them (`django_db_setup`, `redis_url`) and stopped at the
end. DATABASE_URL and REDIS_URL, when given, are used instead.
"""

import atexit
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import hypothesis
import pytest
import redis
from django.conf import settings
from httpx._config import DEFAULT_TIMEOUT_CONFIG

from oasst_site.stack.ports import free_port
from oasst_site.stack.postgres import FAST_AND_FORGETFUL, PostgresServer
from oasst_site.stack.valkey import ValkeyServer
from tests.live.one_machine import OneMachine, one_machine
from tests.servers import running

if settings.configured:
    raise pytest.UsageError(
        "DJANGO_SETTINGS_MODULE is set, so Django was ready before the tests' servers were known: unset it"
    )

# A shell that starts the tests in the background has them ignore Ctrl-C, and with them every program that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

GIVEN = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}  # set by an import
# What a developer has set for a stack of his own must not reach the tests.
for name in (
    *("MODEL_CONFIG_NAME", "INFERENCE_SERVER_URL", "OASST_MODELS_FILE", "CELERY_BROKER_URL", "DEBUG"),
    *("API_KEY", "API_KEY_FILE", "DEBUG_API_KEYS", "WORKER_KEYS_REQUIRED"),
):
    os.environ.pop(name, None)

FOLDER = Path(tempfile.mkdtemp(prefix="oasst-tests-"))
FOLDER.chmod(0o711)  # the server may run as another user, see other_user.py
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

POSTGRES = PostgresServer(
    data=FOLDER / "postgres", port=free_port(), password=secrets.token_hex(16), settings=FAST_AND_FORGETFUL
)
VALKEY = ValkeyServer(data=FOLDER / "valkey", port=free_port(), password=secrets.token_hex(16), keep=False)

POSTGRES_IS_OURS = "DATABASE_URL" not in os.environ
VALKEY_IS_OURS = "REDIS_URL" not in os.environ

os.environ.setdefault("DATABASE_URL", POSTGRES.url)
os.environ.setdefault("REDIS_URL", VALKEY.url)
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "oasst_site.settings",
    "SECRET_KEY": secrets.token_hex(32),
    "ALLOW_DEBUG_AUTH": "true",
}
django.setup()

# How long an example takes says more about the machine's other work than about the code.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

# So does how long an answer takes; httpx' own five seconds are for networks.
for phase in ("connect", "read", "write", "pool"):
    setattr(DEFAULT_TIMEOUT_CONFIG, phase, 60.0)


pytest_plugins = ["tests.side_by_side", "tests.overdue"]


MOST_PROCESSES = 4
"""Each may run a whole stack and a browser."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: one more than processors, since the tests of processes and browsers wait for half of their time.

    Servers that were given are the same for all, and tests empty them: then none, and the tests run in this process.
    """
    processors = os.cpu_count() or 1
    return min(processors + 1, MOST_PROCESSES) if processors > 1 and POSTGRES_IS_OURS and VALKEY_IS_OURS else 0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """The processes that run the tests have servers and an environment of their own; this one runs none then."""
    os.environ.clear()
    os.environ.update(GIVEN)


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A PostgreSQL server that runs, empty but for its own database; tests use Django's test database on it."""
    if not POSTGRES_IS_OURS:
        yield os.environ["DATABASE_URL"]
        return
    with running(POSTGRES, FOLDER / "postgres.log"):
        POSTGRES.make_database()
        yield POSTGRES.url


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """The test database of our own server goes with the server; dropping it would wait for whoever still looks."""
    return POSTGRES_IS_OURS or django_db_keepdb


@pytest.fixture(scope="session")
def django_db_setup(database_url: str, django_db_setup: None) -> None:
    """pytest-django's fixture, with a server below it."""


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Valkey server that runs; the settings' REDIS_URL."""
    if not VALKEY_IS_OURS:
        yield os.environ["REDIS_URL"]
        return
    with running(VALKEY, FOLDER / "valkey.log"):
        yield VALKEY.url


@pytest.fixture
def empty_redis(redis_url: str) -> Iterator[redis.Redis]:
    """A client of the Valkey server, which holds nothing at first."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def one_machine_stack() -> Iterator[OneMachine]:
    """The whole stack as `manage.py up` runs it, with a worker and the demo TGI."""
    folder = FOLDER / "one-machine"
    folder.mkdir(mode=0o711)
    with one_machine(folder) as stack:
        yield stack
