"""What can go wrong between the text client and a server, each with a sentence for the person at the terminal."""


class ClientError(Exception):
    """Something a person should be told; str() is the whole sentence, with the way out."""


class Unreachable(ClientError):
    """No answer came, or the connection broke. Trying again may help."""

    short = "Connection lost"


class Refused(ClientError):
    """The server answered with an error status.

    `status` is the HTTP status, `detail` the server's own sentence.
    """

    def __init__(self, status: int, detail: str, retry_after_s: float = 0.0) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.retry_after_s = retry_after_s

    @property
    def short(self) -> str:
        """The same for a status line."""
        return self.detail.rstrip(".")

    @property
    def passing(self) -> bool:
        """Whether the same request may be taken later: the server is busy, starting, or lost its database."""
        return self.status == 429 or self.status >= 500


class LoginRefused(ClientError):
    """The server does not let this user in."""


class ReplyFailed(ClientError):
    """A reply ended without its text being whole."""


class UnknownName(ClientError):
    """A model, preset, chat or command was named that does not exist."""
