"""drf-spectacular's view of our views: what an operation takes and answers stands in operations.py."""

import re
from inspect import getdoc
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from pydantic import BaseModel

from chats.openai_api.errors import OpenAIError
from oasst_site.openapi import extensions  # noqa: F401  # drf-spectacular keeps a registry of the classes that it has seen
from oasst_site.openapi.json_schema import component_of, reference_to, schema_of
from oasst_site.openapi.operations import EVENT_STREAM, Operation
from oasst_site.openapi.shapes import COMPONENTS, ErrorRead

QUERY = {
    "GET /api/auth/login/debug": ("username", "state"),
    "GET /api/auth/callback/debug": ("code", "state"),
    "GET /api/chats/{chat_id}/messages/{message_id}/events": ("restart",),
}
"""Plain texts in the query."""

REFUSALS = {
    400: "The input makes no sense.",
    401: "The token or key is invalid or has expired.",
    403: "No token, or not allowed.",
    404: "No such thing, or somebody else's.",
    413: "Longer than a limit.",
    422: "A field is missing, of the wrong type, or out of range.",
    429: "Too often, or too much; Retry-After tells when to come back.",
    503: "A dependency is away, or the queue is full; Retry-After tells when to come back.",
}


class Schema(AutoSchema):
    """Looks the operation up by method and path."""

    @property
    def operation(self) -> Operation:
        """Raises KeyError for an operation that operations.py lacks: every view is to be described."""
        from oasst_site.openapi.operations import OPERATIONS  # it imports the views, which ask for this class

        return OPERATIONS[f"{self.method} {self.path}"]

    def get_operation_id(self) -> str:
        return self.operation.name

    def get_summary(self) -> str:
        return self.get_description().split("\n\n")[0].replace("\n", " ")

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        handler = getattr(self.view, self.method.lower(), None)
        name = getattr(handler, "__name__", "")
        return getdoc(handler if name != "handler" else type(self.view)) or ""

    def get_tags(self) -> list[str]:
        parts = self.path.strip("/").split("/")
        return ["openai" if parts[0] == "v1" else parts[1]]

    def get_override_parameters(self) -> list[Any]:
        operation = self.operation
        names = QUERY.get(f"{self.method} {self.path}", ())
        return [
            *(OpenApiParameter(name, str, OpenApiParameter.PATH) for name in re.findall(r"{(\w+)}", self.path)),
            *(OpenApiParameter(name, str, OpenApiParameter.HEADER) for name in operation.headers),
            *(OpenApiParameter(name, str, OpenApiParameter.QUERY) for name in names),
            *([operation.query] if operation.query is not None else []),
        ]

    def get_request_serializer(self) -> Any:
        takes = self.operation.takes
        if takes is None:
            return None
        if isinstance(takes, type) and issubclass(takes, BaseModel):
            return {"application/json": _inlined(takes.model_json_schema(by_alias=True, mode="validation"))}
        return {"application/json": takes}

    def get_response_serializers(self) -> Any:
        operation = self.operation
        error = OpenAIError if self.path.startswith("/v1/") else ErrorRead
        answers: dict[Any, Any] = {
            (str(status), "application/json"): OpenApiResponse(reference_to(error), text)
            for status, text in REFUSALS.items()
        }
        for status, text in operation.further.items():
            answers[str(status)] = OpenApiResponse(None, text)
        if operation.answers is None:
            if 302 not in operation.further:
                answers["200"] = OpenApiResponse(None, "Done.")
        else:
            for media_type in operation.media_types:
                answers["200", media_type] = OpenApiResponse(_as(media_type, schema_of(operation.answers)), "")
        return answers

    def get_examples(self) -> list[Any]:
        example = self.operation.example
        return [] if example is None else [OpenApiExample("A request", example, request_only=True)]


def add_components(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook: the shapes by name, and the paths that are no REST views."""
    from oasst_site.openapi.by_hand import PATHS

    result["paths"].update(PATHS)
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas.update({shape.__name__: component_of(shape) for shape in COMPONENTS})
    return result


def only_the_api(endpoints: list[Any], **_: Any) -> list[Any]:
    """drf-spectacular's hook: the schema and its page do not tell of themselves."""
    return [each for each in endpoints if not each[0].startswith(("/api/schema", "/api/docs"))]


def _as(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The answer's schema in this media type; of server-sent events, that of each one of them."""
    if media_type == "application/json":
        return schema
    if media_type != EVENT_STREAM:
        return {"type": "string"}
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
    return {"type": "object", "properties": {"data": data, "id": {"type": "string"}}, "required": ["data"]}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A pydantic schema without `$defs`: its references are written out."""
    definitions = schema.pop("$defs", {})

    def written_out(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                name = node["$ref"].rpartition("/")[2]
                return {**written_out(definitions[name]), **{key: node[key] for key in node if key != "$ref"}}
            return {key: written_out(value) for key, value in node.items()}
        return [written_out(each) for each in node] if isinstance(node, list) else node

    inlined: dict[str, Any] = written_out(schema)
    return inlined
