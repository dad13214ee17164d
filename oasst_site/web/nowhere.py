"""Paths below /api/ and /v1/ that lead nowhere: 404 in the shape of the other errors there, for programs to read."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from chats.openai_api.errors import error_body


@csrf_exempt
def nowhere(request: HttpRequest) -> JsonResponse:
    """What /api/ answers to a path that it does not have."""
    return JsonResponse({"detail": _sentence(request)}, status=404)


@csrf_exempt
def openai_nowhere(request: HttpRequest) -> JsonResponse:
    """The same as an error of OpenAI's."""
    return JsonResponse(error_body(_sentence(request), status=404), status=404)


def _sentence(request: HttpRequest) -> str:
    return f"There is nothing at {request.path[:200]}: /api/docs lists the paths."
