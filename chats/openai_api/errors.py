"""Errors as OpenAI's: `{"error": {"message", "type", "param", "code"}}`."""

from collections.abc import Callable
from typing import Any, TypedDict

from rest_framework.response import Response
from rest_framework.views import APIView

from chats.api.errors import exception_handler
from chats.errors import NotFound, Refused

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "invalid_request_error",
    413: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "service_unavailable",
}


class UnknownModelName(NotFound):
    """OpenAI answers 404 with this code to a model that it does not have."""

    code = "model_not_found"


class OpenAIErrorBody(TypedDict):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(TypedDict):
    """A refusal in OpenAI's shape."""

    error: OpenAIErrorBody


def error_body(message: str, *, status: int, param: str | None = None, code: str | None = None) -> OpenAIError:
    """OpenAI's error object for an HTTP status."""
    return {"error": {"message": message, "type": _TYPES.get(status, "server_error"), "param": param, "code": code}}


def _answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST's answer to an exception, in OpenAI's shape: 422 is 400 there, and 403 for want of credentials is 401."""
    response = exception_handler(error, context)
    if response is None:
        return None
    status = response.status_code
    if status == 422:
        status = 400
    elif status == 403 and context["request"].successful_authenticator is None:
        status = 401
    data = response.data or {}
    code = getattr(error, "code", None) if isinstance(error, Refused) else None
    param = data.get("field")
    response.data = error_body(data.get("detail", "The request failed."), status=status, param=param, code=code)
    response.status_code = status
    return response


class OpenAIView(APIView):
    """A view whose refusals have OpenAI's shape."""

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return _answer
