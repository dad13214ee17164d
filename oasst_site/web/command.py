"""Daphne's own command line, with our server and our defaults."""

from daphne.cli import CommandLineInterface

from oasst_site.web.server import Server

MAX_WEBSOCKET_MESSAGE = 262_144
"""Bytes of one command: a prompt of MESSAGE_MAX_LENGTH characters fits, JSON's escapes included."""


class WebCommand(CommandLineInterface):
    """All of Daphne's options; the application is ours unless another one is named."""

    description = "Open-Assistant inference: HTTP and websocket server"
    server_class = Server


def main(arguments: list[str]) -> None:
    """Run the server until SIGTERM or SIGINT."""
    defaults = ["--websocket-max-message-size", str(MAX_WEBSOCKET_MESSAGE), "-v", "0"]
    WebCommand().run([*defaults, *arguments, "oasst_site.asgi:application"])
