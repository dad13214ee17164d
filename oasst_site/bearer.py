"""The header Authorization, where it holds a bearer token (RFC 6750)."""


def bearer_token(header: str) -> str | None:
    """The token of `Bearer TOKEN`; None for every other header, also for one without a token."""
    kind, _, token = header.partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None
