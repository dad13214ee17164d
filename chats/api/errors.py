"""What REST answers to a refusal: `{"detail": sentence}`, and the field where one is at fault."""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated, Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler as drf_exception_handler

from chats.errors import Later, Refused, Unavailable, Unprocessable, shortened
from chats.rate import too_often

logger = logging.getLogger(__name__)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an exception; None lets Django answer 500.

    Refused carries its own status. No credentials are 403, as in Open-Assistant. Postgres or Redis away is 503 with
    Retry-After.
    """
    if isinstance(error, Refused):
        return refusal(error)
    if isinstance(error, NotAuthenticated):
        return Response({"detail": _("Not authenticated: send Authorization: Bearer TOKEN, or log in.")}, status=403)
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        logger.warning("The database is away: %s", error)
        return refusal(Unavailable(_("The database is away; nothing was stored. Try again in a moment.")))
    if isinstance(error, RedisError):
        logger.warning("Redis is away: %s", error)
        return refusal(Unavailable(_("Redis is away; nothing was done. Try again in a moment.")))
    if isinstance(error, ValidationError):
        return refusal(wrong_shape(error))
    response = drf_exception_handler(error, context)
    if response is not None and isinstance(error, Throttled):
        response.data = {"detail": too_often(getattr(error, "wait", None) or 1)}
        return response
    if response is not None and isinstance(error, APIException):
        response.data = {"detail": shortened(_first(error.detail)[1])}
        if isinstance(error, AuthenticationFailed):
            response.status_code = 401  # DRF says 403 where no authentication class names a challenge
    return response


def wrong_shape(error: ValidationError) -> Unprocessable:
    """A field that is missing or of the wrong type: 422, FastAPI's answer, which Open-Assistant's clients expect."""
    field, sentence = _first(error.detail)
    return Unprocessable(sentence, field=field)


def refusal(error: Refused) -> Response:
    """The answer to one refusal."""
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, Later) else None
    body = {"detail": error.message} | ({"field": error.field} if error.field else {})
    return Response(body, status=error.status, headers=headers)


def _first(detail: Any, field: str = "") -> tuple[str | None, str]:
    """The first field at fault in DRF's nested details, dotted, and its sentence."""
    if isinstance(detail, dict):
        key, inner = next(iter(detail.items()))
        if key == api_settings.NON_FIELD_ERRORS_KEY:
            return _first(inner, field)
        return _first(inner, f"{field}.{key}" if field else str(key))
    if isinstance(detail, list):
        return _first(detail[0], field)
    return (field or None, str(detail) if not field else f"{field}: {detail}")
