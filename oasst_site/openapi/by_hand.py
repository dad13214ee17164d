"""Paths that are no REST views: the login by a provider, which django-allauth serves."""

from typing import Any

from oasst_site.accounts.social import PROVIDERS
from oasst_site.openapi.json_schema import reference_to
from oasst_site.openapi.shapes import ErrorRead

_PROVIDER = {"name": "provider", "in": "path", "required": True, "schema": {"enum": list(PROVIDERS)}}


def _text(name: str, told: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string"}, "description": told}


def _json(reference: dict[str, Any], told: str) -> dict[str, Any]:
    return {"description": told, "content": {"application/json": {"schema": reference}}}


PATHS: dict[str, Any] = {
    "/api/auth/login/{provider}": {
        "get": {
            "operationId": "login_by_provider",
            "summary": "On to the provider.",
            "tags": ["auth"],
            "parameters": [_PROVIDER, _text("next", "A path of ours: the callback leads there with a session.")],
            "responses": {
                "302": {"description": "On to the provider, whose callback leads back."},
                "404": _json(reference_to(ErrorRead), "The provider's keys are not set."),
            },
        }
    },
    "/api/auth/callback/{provider}": {
        "get": {
            "operationId": "callback_of_provider",
            "summary": "Back from the provider: the token pair, or a session and on to `next`.",
            "tags": ["auth"],
            "parameters": [_PROVIDER, _text("code", "The provider's."), _text("state", "As the login gave it.")],
            "responses": {
                "200": _json({"$ref": "#/components/schemas/TokenPair"}, "The token pair."),
                "302": {"description": "On to `next`."},
                "401": _json(reference_to(ErrorRead), "The login failed, or was begun by another browser."),
                "404": _json(reference_to(ErrorRead), "The provider's keys are not set."),
            },
        }
    },
}
