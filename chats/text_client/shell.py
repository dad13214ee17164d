"""The interactive client: prompt, reply, prompt, until the person leaves."""

import re
from collections.abc import Awaitable, Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output
from rich.console import Console
from rich.text import Text

from chats.text_client.answer import Left, answer
from chats.text_client.batch import INTERRUPTED
from chats.text_client.commands import Commands, Quit
from chats.text_client.conversation import Asked, Conversation
from chats.text_client.errors import ClientError, Unreachable
from chats.text_client.keyboard import Stopped, interruptible, on_ctrl_c
from chats.text_client.screen import Screen


class Shell:
    """One person at one terminal. `input` and `output` replace the terminal's own for prompt_toolkit."""

    def __init__(
        self,
        conversation: Conversation,
        screen: Screen,
        console: Console,
        *,
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        self._conversation = conversation
        self._screen = screen
        self._console = console
        self._commands = Commands(conversation, console)
        names = [command.name for command in self._commands.all]
        self._session: PromptSession[str] = PromptSession(
            history=InMemoryHistory(),
            completer=WordCompleter(names, pattern=re.compile(r"^/\w*")),
            complete_while_typing=False,
            key_bindings=_keys(),
            multiline=True,
            prompt_continuation="  ",
            input=input,
            output=output,
        )
        self._ctrl_c_before = False

    async def run(self) -> int:
        """Until the person leaves; the exit code."""
        self._note(f"{self._conversation.model.name} at {self._conversation.api.url}. /help tells the commands.")
        # A Ctrl-C between a reply's end and the next prompt was meant for the reply: it must not end the client.
        with on_ctrl_c(lambda: None):
            return await self._converse()

    async def _converse(self) -> int:
        while True:
            try:
                line = await self._session.prompt_async(FormattedText([("bold fg:ansigreen", "> ")]))
            except EOFError:
                return 0
            except KeyboardInterrupt:
                if self._ctrl_c_before:
                    return 0
                self._ctrl_c_before = True
                self._note("Ctrl-C again, Ctrl-D or /quit leaves.")
                continue
            self._ctrl_c_before = False
            try:
                await self._take(line.encode("utf-8", "replace").decode())
            except Quit:
                return 0
            except Left:
                return INTERRUPTED

    async def _take(self, line: str) -> None:
        if not line.strip():
            return
        if line.lstrip().startswith("/") and not line.lstrip().startswith("//"):
            try:
                asked = await interruptible(self._commands.run(line))
            except Stopped:
                self._screen.status("")
                return
            except ClientError as error:
                self._fail(error)
                return
            if asked is not None:
                await self._answer(lambda: _already(asked))
            return
        prompt = line.lstrip()[1:] if line.lstrip().startswith("//") else line
        await self._answer(lambda: self._conversation.ask(prompt))

    async def _answer(self, ask: Callable[[], Awaitable[Asked]]) -> None:
        try:
            end = await answer(self._conversation, ask, self._screen)
        except Stopped:
            self._ctrl_c_before = True
            self._note("Stopped before the server took the prompt.")
        except Unreachable as error:
            self._fail(error)
            self._note("A reply goes on without you: /chats and /open show it.")
        except ClientError as error:
            self._fail(error)
        else:
            self._ctrl_c_before = end.state == "cancelled"
            if end.state in ("aborted_by_worker", "timeout"):
                self._note("/regenerate tries again.")

    def _fail(self, error: ClientError) -> None:
        self._screen.note(str(error), "red")

    def _note(self, text: str) -> None:
        self._console.print(Text(text, style="dim"), soft_wrap=True)


async def _already(asked: Asked) -> Asked:
    return asked


def _keys() -> KeyBindings:
    """Enter sends, Alt-Enter makes a new line; pasted lines stay together."""
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
