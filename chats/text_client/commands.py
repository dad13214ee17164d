"""The commands of the interactive client: everything that begins with a slash."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chats.text_client.cells import visible
from chats.text_client.conversation import Asked, Conversation, Preset
from chats.text_client.errors import UnknownName


class Quit(Exception):
    """The person wants to leave."""


@dataclass(frozen=True)
class Command:
    """A command's name, its argument (in words; empty: none), what it does, and the code."""

    name: str
    argument: str
    help: str
    run: Callable[[str], Awaitable[Asked | None]]


class Commands:
    """All commands over one conversation. A command may return a reply that is to be read now."""

    def __init__(self, conversation: Conversation, console: Console) -> None:
        self._conversation = conversation
        self._console = console
        self._listed: list[str] = []  # chat ids in the order in which /chats last showed them
        self.all = (
            Command("/help", "", "tell the commands", self._help),
            Command("/new", "", "begin a new chat", self._new),
            Command("/regenerate", "", "have the last reply written again", self._regenerate),
            Command("/model", "[NAME]", "list the models, or ask this one from now on", self._model),
            Command("/preset", "[NAME]", "list the model's presets, or use this one from now on", self._preset),
            Command("/chats", "", "list your newest chats", self._chats),
            Command("/open", "NUMBER|ID", "go on in a chat of that list", self._open),
            Command("/quit", "", "leave (so do Ctrl-D and Ctrl-C twice)", self._quit),
        )
        self._by_name = {command.name: command for command in self.all}

    async def run(self, line: str) -> Asked | None:
        """Carry out a line that begins with a slash. Raises UnknownName, Quit, and what Api raises."""
        name, _, argument = line.strip().partition(" ")
        command = self._by_name.get(name)
        if command is None:
            raise UnknownName(
                f"There is no command {name}. /help tells the commands; a prompt that begins with a slash is "
                "written with two: //"
            )
        return await command.run(argument.strip())

    async def _help(self, _: str) -> None:
        table = Table.grid(padding=(0, 2))
        for command in self.all:
            table.add_row(Text(f"{command.name} {command.argument}", style="bold"), command.help)
        table.add_row(Text("Ctrl-C", style="bold"), "stop the reply that is being written")
        table.add_row(Text("Alt-Enter", style="bold"), "a new line within the prompt")
        self._console.print(table)

    async def _new(self, _: str) -> None:
        self._conversation.new()
        self._say("A new chat begins with your next prompt.")

    async def _regenerate(self, _: str) -> Asked | None:
        return await self._conversation.regenerate()

    async def _model(self, name: str) -> None:
        conversation = self._conversation
        if name:
            conversation.choose_model(name)
            self._say(f"{conversation.model.name} answers from now on.")
            return
        self._choices({m.name: m.description for m in conversation.models.values()}, conversation.model.name)

    async def _preset(self, name: str) -> None:
        conversation = self._conversation
        if name:
            conversation.choose_preset(name)
            self._say(f"Preset {name} from now on.")
        elif conversation.model.presets:
            self._choices(
                {name: _preset_words(preset) for name, preset in conversation.model.presets.items()},
                conversation.preset,
            )
        else:
            self._say(f"{conversation.model.name} has no presets; the server's defaults are used.")

    async def _chats(self, _: str) -> None:
        chats = await self._conversation.api.chats()
        self._listed = [chat["id"] for chat in chats]
        if not chats:
            self._say("You have no chats yet.")
            return
        table = Table.grid(padding=(0, 2))
        for number, chat in enumerate(chats, 1):
            here = "*" if chat["id"] == self._conversation.chat_id else " "
            title = visible(chat["title"] or "(empty)")
            table.add_row(
                f"{here}{number}", _local_time(chat["modified_at"]), Text(title, overflow="ellipsis", no_wrap=True)
            )
        self._console.print(table)

    async def _open(self, which: str) -> Asked | None:
        if not which:
            raise UnknownName("Which chat? /chats lists them, /open 1 opens the first.")
        thread, unfinished = await self._conversation.open(self._chat_id(which))
        for message in thread:
            mine = message["role"] == "prompter"
            self._console.print(
                Text(f"{'> ' if mine else ''}{visible(message['content'] or '')}", style="bold green" if mine else ""),
                soft_wrap=True,
            )
        return unfinished

    def _chat_id(self, which: str) -> str:
        if not which.isdecimal():
            return which
        number = int(which)
        if not 1 <= number <= len(self._listed):
            listed = f"/chats listed 1 to {len(self._listed)}" if self._listed else "run /chats first"
            raise UnknownName(f"There is no chat number {which}: {listed}.")
        return self._listed[number - 1]

    async def _quit(self, _: str) -> None:
        raise Quit

    def _choices(self, descriptions: dict[str, str], chosen: str | None) -> None:
        table = Table.grid(padding=(0, 2))
        for name, description in descriptions.items():
            table.add_row(Text(f"{'*' if name == chosen else ' '} {name}", style="bold"), Text(description))
        self._console.print(table)

    def _say(self, text: str) -> None:
        self._console.print(Text(text, style="dim"), soft_wrap=True)


def _preset_words(preset: Preset) -> str:
    values = ", ".join(f"{name} {value}" for name, value in preset.sampling_parameters.items() if value is not None)
    return "\n".join(filter(None, (preset.description, values)))


def _local_time(stamp: str) -> str:
    return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M")
