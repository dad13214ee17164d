"""`python -m chats.text_client`: puts the parts together; every error becomes one line and an exit code."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from types import FrameType

from rich.console import Console
from rich.text import Text

from chats.text_client.api import Api
from chats.text_client.batch import INTERRUPTED, decoded, prompts_of_lines, run_batch
from chats.text_client.conversation import Conversation, Model
from chats.text_client.errors import ClientError
from chats.text_client.login import DebugLogin, TokenLogin
from chats.text_client.options import Options, parse_options
from chats.text_client.screen import PlainScreen, Screen, TerminalScreen, trying_again_line

DEFAULT_MODEL = "demo"


def main(arguments: list[str] | None = None) -> int:
    """Run the client; the exit code."""
    options = parse_options(arguments)
    # Not Python's own handler: asyncio would put its own in the place of that one, and a blocked read of the
    # input would then swallow a Ctrl-C.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # an ASCII terminal shows ? and goes on
    notes = Console(stderr=True, highlight=False)
    try:
        return asyncio.run(_run(options, notes))
    except ClientError as error:
        notes.print(Text(str(error), style="red"), soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough (`| head`). Nothing more may be flushed into it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


async def _run(options: Options, notes: Console) -> int:
    on_terminal = sys.stdout.isatty()
    screen: Screen = (
        TerminalScreen(sys.stdout, notes) if on_terminal else PlainScreen(sys.stdout, notes, stream=options.stream)
    )
    auth = TokenLogin(options.token) if options.token else DebugLogin(f"{options.url}/api", options.username)
    async with Api(
        options.url,
        auth,
        patience_s=options.patience_s,
        on_wait=lambda failure: screen.status(trying_again_line(failure)),
        on_slow=screen.passing,
    ) as api:
        await api.check()
        models = [Model.from_json(config) for config in await api.model_configs()]
        conversation = Conversation(api, models, system_prompt=options.system_prompt)
        if options.model is not None:
            conversation.choose_model(options.model)
        elif DEFAULT_MODEL in conversation.models:
            conversation.choose_model(DEFAULT_MODEL)
        if options.preset is not None:
            conversation.choose_preset(options.preset)
        if options.prompt is None and on_terminal and sys.stdin.isatty():
            from chats.text_client.shell import Shell  # prompt_toolkit is for people only, and slow to load

            return await Shell(conversation, screen, notes).run()
        return await run_batch(conversation, _prompts(options), screen)


def _prompts(options: Options) -> Iterable[str]:
    if options.prompt == "-":
        whole = decoded(sys.stdin.buffer.read(), "The input").strip()
        if not whole:
            raise ClientError("--prompt - found no prompt: the input is empty.")
        return [whole]
    return [options.prompt] if options.prompt is not None else prompts_of_lines(sys.stdin.buffer)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
