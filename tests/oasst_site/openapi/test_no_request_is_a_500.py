"""Requests made up from the schema: none ends in a 500, and every answer is what the schema says."""

import os
import re
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from oasst_site.openapi.operations import OPERATIONS
from tests.live.one_machine import MODEL, OneMachine

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "6"))
"""Requests for each operation; more find more."""

NOT_ASKED = {"DELETE /api/account/"}
"""The tests' own person would be gone."""


class Caller:
    """Somebody with a chat of a prompt and a reply, so that some of the requests reach what is behind the ids."""

    def __init__(self, stack: OneMachine) -> None:
        self.http = httpx.Client(
            base_url=stack.url, headers={"Authorization": f"Bearer {stack.somebody()}"}, timeout=60
        )
        self.ids: dict[str, str] = {}
        self.refill()

    def refill(self) -> None:
        """A chat that is still there."""
        chat = self.http.post("/api/chats").json()["id"]
        prompt = self.http.post(f"/api/chats/{chat}/prompter_message", json={"content": "Hello"}).json()["id"]
        body = {"parent_id": prompt, "model_config_name": MODEL, "sampling_parameters": {"max_new_tokens": 2}}
        reply = self.http.post(f"/api/chats/{chat}/assistant_message", json=body).json()["id"]
        self.http.post(f"/api/chats/{chat}/messages/{reply}/cancel")
        share = self.http.post(f"/api/chats/{chat}/shares").json()
        self.ids = {"chat_id": chat, "message_id": reply, "share_id": share["id"], "token": share["token"]}


@pytest.fixture(scope="module")
def caller(one_machine_stack: OneMachine) -> Any:
    caller = Caller(one_machine_stack)
    yield caller
    caller.http.close()


@pytest.fixture(scope="module")
def api_schema(one_machine_stack: OneMachine) -> Any:
    return schemathesis.openapi.from_url(f"{one_machine_stack.url}/api/schema")


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - NOT_ASKED), ids=lambda name: OPERATIONS[name].name)
def test_no_request_is_a_500(name: str, api_schema: Any, caller: Caller) -> None:
    method, path = name.split(" ")
    operation = api_schema[path][method]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        for field in set(case.path_parameters or {}) & set(caller.ids):
            case.path_parameters[field] = caller.ids[field]
        if isinstance(case.body, dict) and case.body.get("stream"):
            case.body["stream"] = False
        response = case.call(headers={"Authorization": caller.http.headers["Authorization"]}, timeout=60)
        case.validate_response(
            response, checks=[not_a_server_error, content_type_conformance, response_schema_conformance]
        )

    ask()
    if name == "DELETE /api/chats/{chat_id}":
        caller.refill()


def test_nothing_was_raised_that_was_not_caught(one_machine_stack: OneMachine) -> None:
    """After all the requests above: the stack's own log tells of no trace."""
    log = one_machine_stack.log.read_text(errors="replace")
    assert not re.search(r"^web +\| Traceback", log, re.MULTILINE)
