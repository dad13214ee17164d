"""The command line of the text client."""

import argparse
import getpass
import os
from dataclasses import dataclass

from chats.text_client.address import server_url

DESCRIPTION = "Chat in the terminal with the models of an oasst-inference server."
EPILOG = """\
With a terminal as input it is interactive (/help tells the commands). With anything else, each line of the input is
a prompt, all in one chat; with --prompt there is one prompt. Replies go to stdout as plain text, everything else to
stderr. Exit code 0: all replies are complete; 1: a reply or the connection failed; 2: wrong usage; 130: Ctrl-C.
"""


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line and in the environment."""

    url: str
    model: str | None
    preset: str | None
    system_prompt: str | None
    prompt: str | None
    username: str
    token: str | None
    stream: bool
    patience_s: float


def parse_options(arguments: list[str] | None = None) -> Options:
    """Read the command line; a wrong one ends the process with code 2 and one clear line."""
    parser = argparse.ArgumentParser(
        prog="python -m chats.text_client",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--url",
        type=_url,
        default=os.environ.get("OASST_URL", "http://localhost:8000"),
        help="the server (default: OASST_URL, else http://localhost:8000)",
    )
    parser.add_argument("--model", metavar="NAME", help="who answers (default: demo, else the server's first)")
    parser.add_argument("--preset", metavar="NAME", help="sampling parameters by name (default: the model's first)")
    parser.add_argument("--system", metavar="TEXT", type=_text, help="the system prompt of every reply")
    parser.add_argument(
        "--prompt", metavar="TEXT", type=_text, help="ask this and leave; - takes the whole input as one prompt"
    )
    parser.add_argument(
        "--username", metavar="NAME", type=_text, help="the name for debug login (default: that of your account here)"
    )
    parser.add_argument(
        "--token",
        metavar="TOKEN",
        type=_text,
        default=os.environ.get("OASST_TOKEN") or None,
        help="an access token instead of debug login (default: OASST_TOKEN, which other users of the machine "
        "cannot see in the list of processes)",
    )
    parser.add_argument(
        "--stream", action="store_true", help="write a reply as it comes even where the output is no terminal"
    )
    parser.add_argument(
        "--patience",
        metavar="SECONDS",
        type=_seconds,
        default=120.0,
        help="how long to go on trying when the connection is lost (default: 120)",
    )
    given = parser.parse_args(arguments)
    return Options(
        url=given.url,
        model=given.model,
        preset=given.preset,
        system_prompt=given.system,
        prompt=given.prompt,
        username=given.username or _account_name(),
        token=given.token,
        stream=given.stream,
        patience_s=given.patience,
    )


def _url(text: str) -> str:
    try:
        return server_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _text(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError(f"{text!r} is not UTF-8") from None
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0")
    return seconds


def _account_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "text-client"
