"""The header Idempotency-Key: a retried POST finds what the first one made."""

from rest_framework.request import Request

from chats.errors import BadRequest

MAX_LENGTH = 255


def idempotency_key(request: Request) -> str | None:
    """The request's key, None without one. Raises BadRequest for an empty, too long or unprintable key."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_LENGTH or not key.isprintable():
        raise BadRequest(
            f"Idempotency-Key has {len(key)} characters: give 1 to {MAX_LENGTH} printable ones.",
            field="Idempotency-Key",
        )
    return key
