"""The server's address: what people type, made into a base URL."""

from urllib.parse import urlsplit, urlunsplit


def server_url(text: str) -> str:
    """The server's base URL without `/api` and without a slash at its end.

    `localhost:8000`, `http://localhost:8000/` and `http://localhost:8000/api` all mean `http://localhost:8000`.
    Raises ValueError with a sentence that names the address and what would be right.
    """
    given = text.strip()
    parts = urlsplit(given if "://" in given else f"http://{given}")
    try:
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        port_is_good = False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good or parts.query:
        raise ValueError(f"{text!r} is no server address: write it like http://localhost:8000")
    path = parts.path.rstrip("/").removesuffix("/api").rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
