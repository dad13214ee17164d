"""The OpenAPI schema: valid, complete, without warnings, with Open-Assistant's paths and an example for every body."""

import json

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from oasst_site.openapi.by_hand import PATHS
from oasst_site.openapi.operations import OPERATIONS

OPEN_ASSISTANTS = """
DELETE /account/
GET /auth/check
GET /auth/providers
GET /auth/refresh
GET /auth/login/debug
GET /auth/callback/debug
POST /auth/trusted
GET /admin/workers
PUT /admin/workers
DELETE /admin/workers/{worker_id}
DELETE /admin/refresh_tokens/{user_id}
DELETE /admin/users/{user_id}
GET /chats
POST /chats
GET /chats/{chat_id}
PUT /chats/{chat_id}
DELETE /chats/{chat_id}
POST /chats/{chat_id}/prompter_message
POST /chats/{chat_id}/assistant_message
GET /chats/{chat_id}/messages/{message_id}
GET /chats/{chat_id}/messages/{message_id}/events
POST /chats/{chat_id}/messages/{message_id}/votes
POST /chats/{chat_id}/messages/{message_id}/reports
GET /workers/sessions
GET /configs/model_configs
POST /configs/plugin_config
GET /configs/builtin_plugins
"""
"""What Open-Assistant's inference server has, by its own OpenAPI file; under /api here."""


@pytest.fixture(scope="module")
def schema():
    GENERATOR_STATS.reset()
    made = SchemaGenerator().get_schema(request=None, public=True)
    assert not GENERATOR_STATS._warn_cache, GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache, GENERATOR_STATS._error_cache
    return made


def operations(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_it_is_valid_openapi_3_1(schema):
    assert schema["openapi"].startswith("3.1")
    validate_schema(schema)


def test_every_path_of_open_assistant_is_there(schema):
    wanted = {line.replace(" /", " /api/", 1) for line in OPEN_ASSISTANTS.strip().splitlines()}
    assert not wanted - {name for name, _ in operations(schema)}
    for path in ("/api/auth/login/{provider}", "/api/auth/callback/{provider}"):
        [provider, *_] = schema["paths"][path]["get"]["parameters"]
        assert provider["schema"]["enum"] == ["discord", "github", "google"]


def test_every_operation_is_described_and_no_other(schema):
    by_hand = {f"GET {path}" for path in PATHS}
    assert {name for name, _ in operations(schema)} == set(OPERATIONS) | by_hand


def test_every_operation_has_a_name_of_its_own_and_a_sentence(schema):
    told = [operation for _, operation in operations(schema)]
    assert len({each["operationId"] for each in told}) == len(told)
    assert all(each["summary"].endswith(".") for each in told)


def test_every_body_has_an_example(schema):
    for name, operation in operations(schema):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert content["examples"], name


def test_every_reference_leads_somewhere(schema):
    text = json.dumps(schema)
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.split('"')[0] in schema["components"]["schemas"]


def test_anybody_reads_the_schema_and_its_page_with_local_files_only():
    answer = Client().get("/api/schema")
    assert answer.status_code == 200
    assert json.loads(answer.content)["info"]["title"] == "Open-Assistant inference"
    assert SchemaGenerator().get_schema(request=None, public=True) == json.loads(answer.content)
    page = Client().get("/api/docs")
    html = page.content.decode()
    assert page.status_code == 200
    assert "//" not in html.replace("https://", "//").replace("<!doctype html>", "").split("<body>")[0]
    assert "<script>" not in html
    assert "<style" not in html
    script = Client().get("/api/docs?script=")
    assert script.status_code == 200
    assert "/api/schema" in script.content.decode()
