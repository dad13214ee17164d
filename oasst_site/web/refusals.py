"""Refusals out of plain Django views (the admin's login, say): the status and the sentence, not a 500."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from chats.errors import Later, Refused


class Refusals:
    """Middleware. REST's views answer theirs themselves (chats.api.errors)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing of its own."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to a refusal; None for everything else."""
        if not isinstance(error, Refused):
            return None
        headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, Later) else None
        return HttpResponse(
            error.message, status=error.status, content_type="text/plain; charset=utf-8", headers=headers
        )
