"""Log lines: one form for ours and the libraries', with ids, without texts and secrets."""

import json
import logging
import logging.config
import warnings
from collections.abc import Iterator

import pytest
import structlog
from django.db import IntegrityError

from chats.models import Message
from chats.telemetry import logs, privacy
from chats.telemetry.request_ids import request_id
from chats.telemetry.secrets import password_of

SECRET = "correct-horse-battery-staple"
TEXT = "My grandmother hides the gold under the third apple tree."


class Lines(logging.Handler):
    """What one configuration writes."""

    def __init__(self, form: str, *, with_texts: bool = False) -> None:
        super().__init__()
        config = logs.configuration(level="DEBUG", form=form, with_texts=with_texts, secrets=[SECRET])
        formatter = dict(config["formatters"]["line"])
        self.setFormatter(formatter.pop("()")(**formatter))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def fields(self) -> dict:
        """The only line, as JSON."""
        (line,) = self.lines
        assert "\n" not in line
        return json.loads(line)


@pytest.fixture
def attached() -> Iterator[list[Lines]]:
    """Handlers that are put here hear the logger `said`."""
    logger, handlers = logging.getLogger("said"), []

    class Attached(list):
        def append(self, handler):
            logger.addHandler(handler)
            handlers.append(handler)
            super().append(handler)

    logger.setLevel(logging.DEBUG)
    yield Attached()
    for handler in handlers:
        logger.removeHandler(handler)


@pytest.fixture
def as_json(attached) -> Lines:
    attached.append(lines := Lines("json"))
    return lines


@pytest.fixture
def for_people(attached) -> Lines:
    attached.append(lines := Lines("console"))
    return lines


LIBRARY = logging.getLogger("said")
OURS = structlog.get_logger("said")


@pytest.mark.parametrize("ours", [True, False])
def test_our_lines_and_the_libraries_lines_have_the_same_form(as_json, ours):
    with structlog.contextvars.bound_contextvars(message_id="m-1"):
        OURS.warning("It rains", drops=3) if ours else LIBRARY.warning("It %s", "rains")
    told = as_json.fields()
    assert (told["event"], told["level"], told["logger"], told["message_id"]) == ("It rains", "warning", "said", "m-1")
    assert told["timestamp"].endswith("Z")
    assert told.get("drops") == (3 if ours else None)


def test_a_trace_is_one_line_of_json(as_json):
    try:
        raise ValueError("no such colour")
    except ValueError:
        LIBRARY.exception("It failed")
    assert as_json.fields()["exception"].endswith("ValueError: no such colour")


def test_people_read_a_line_that_nobody_can_forge(for_people):
    OURS.info("request", path="/x\n2026 [error] All is lost\x1b[2J")
    (line,) = for_people.lines
    assert "\n" not in line
    assert "\x1b" not in line
    assert "All is lost" in line


def test_a_process_tells_what_it_is(as_json, monkeypatch):
    monkeypatch.setattr(logs, "_process", {})
    try:
        with warnings.catch_warnings():
            logs.describe_process(process="worker", worker="w@h", session_id="s-1")
            LIBRARY.info("Here I am")
    finally:
        logging.captureWarnings(False)
    told = as_json.fields()
    assert (told["process"], told["worker"], told["session_id"]) == ("worker", "w@h", "s-1")
    assert told["pid"] > 0


@pytest.mark.parametrize(
    "said",
    [
        f"the key {SECRET} was refused",
        "Authorization: Bearer abcdefghijklmnop",
        "sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijklmnop",
        "redis://:hunter2hunter2@host:6379/0 is away",
        "GET /api/auth/callback/github?code=abcdefghijklmnop&state=qrstuvwxyz",
        "POST /x?api_key=abcdefghijklmnop",
        "the key oasst_worker_abcdefghijklmnopqrstuvwxyz",
        "offered ticket.abcdefghijklmnopqrstuvwxyz",
    ],
)
def test_no_secret_is_written_down(as_json, said):
    LIBRARY.error("Refused: %s", said)
    line = json.dumps(as_json.fields())
    assert "***" in line
    for secret in (SECRET, "abcdefghijklmnop", "hunter2", "qrstuvwxyz"):
        assert secret not in line


def test_the_passwords_of_addresses_are_secrets():
    assert password_of("postgres://me:pass-word@host/db") == "pass-word"
    assert password_of("redis://localhost") == password_of("http://[") == ""


def test_a_warning_quotes_no_text_that_is_held(as_json):
    with privacy.holding(lambda: ["another one, which is not quoted", TEXT]):
        LIBRARY.warning("The engine refuses: inputs %r are too long", TEXT[3:40])
    told = as_json.fields()["event"]
    assert "grandmother" not in told
    assert told == "The engine refuses: inputs '[text left out]' are too long"


def test_what_is_not_held_any_more_may_be_said(as_json):
    with privacy.holding(lambda: [TEXT]):
        pass
    LIBRARY.warning("%s", TEXT)
    assert as_json.fields()["event"] == TEXT


def test_a_short_text_and_a_long_line_are_no_holes(as_json):
    with privacy.holding(lambda: ["short one"]):
        LIBRARY.warning("%s: short one", "x" * 30_000)
    assert "short one" not in as_json.fields()["event"]


@pytest.mark.django_db
def test_postgres_does_not_quote_the_row_that_it_refuses(as_json):
    try:
        Message.objects.create(chat_id=None, role="prompter", state="manual", content=TEXT)
    except IntegrityError as error:
        quoted = str(error)
        LIBRARY.exception("It failed: %s", error)
    assert TEXT in quoted, "Postgres itself quotes it"
    told = as_json.fields()
    assert TEXT not in json.dumps(told)
    assert "violates not-null constraint" in told["exception"]


def test_with_texts_everything_is_said(attached):
    attached.append(lines := Lines("json", with_texts=True))
    with privacy.holding(lambda: [TEXT]):
        LIBRARY.warning("The engine refuses %s", TEXT)
    assert TEXT in lines.fields()["event"]


def test_a_sane_request_id_is_kept_and_any_other_is_replaced():
    assert request_id("0af7651916cd43dd-8448eb211c80319c") == "0af7651916cd43dd-8448eb211c80319c"
    for bad in (None, "", "a b", "x" * 129, "a\nb", "ü", "{}"):
        assert request_id(bad) != bad
        assert len(request_id(bad)) == 36
