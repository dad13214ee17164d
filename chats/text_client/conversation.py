"""The conversation that the person is in: chat, model and preset, and where the next prompt goes."""

import difflib
from dataclasses import dataclass
from typing import Any, Self

from chats.text_client.api import Api
from chats.text_client.errors import ClientError, UnknownName
from chats.text_client.follow import FINAL_STATES
from chats.text_client.reply import Ended


@dataclass(frozen=True)
class Preset:
    """Sampling parameters, and what they do in words."""

    description: str
    sampling_parameters: dict[str, Any]

    @classmethod
    def from_json(cls, config: dict[str, Any]) -> Self:
        """From an entry of a model's `parameter_configs`."""
        return cls(str(config.get("description") or ""), dict(config["sampling_parameters"]))


@dataclass(frozen=True)
class Model:
    """A model of the server's catalogue; `presets` have their names as keys, and the first one is the default."""

    name: str
    description: str
    presets: dict[str, Preset]

    @classmethod
    def from_json(cls, config: dict[str, Any]) -> Self:
        """From an entry of /configs/model_configs."""
        presets = {preset["name"]: Preset.from_json(preset) for preset in config.get("parameter_configs") or []}
        return cls(str(config["name"]), str(config.get("description") or ""), presets)


@dataclass(frozen=True)
class Asked:
    """A reply that was asked for and is to be read."""

    chat_id: str
    message_id: str


class Conversation:
    """One chat at a time. The chat is made on the server with its first prompt."""

    def __init__(self, api: Api, models: list[Model], *, system_prompt: str | None = None) -> None:
        if not models:
            raise ClientError(f"{api.url} offers no models: its catalogue is empty.")
        self.api = api
        self.models = {model.name: model for model in models}
        self.system_prompt = system_prompt
        self.model = models[0]
        self.preset: str | None = next(iter(self.model.presets), None)
        self.new()

    def new(self) -> None:
        """Leave this chat; the next prompt begins another one."""
        self.chat_id: str | None = None
        self._tail_id: str | None = None  # the reply that the next prompt follows
        self._prompt_id: str | None = None  # the prompt that /regenerate answers again

    # --- choices ------------------------------------------------------------------------------------

    def choose_model(self, name: str) -> None:
        """Ask this model from now on, with its preset of the same name as now, else with its first.

        Raises UnknownName, which names the known ones.
        """
        self.model = self.models[_known("model", name, list(self.models))]
        if self.preset not in self.model.presets:
            self.preset = next(iter(self.model.presets), None)

    def choose_preset(self, name: str) -> None:
        """Use the model's preset of this name. Raises UnknownName, which names the known ones."""
        self.preset = _known("preset", name, list(self.model.presets))

    @property
    def sampling_parameters(self) -> dict[str, Any] | None:
        """Those of the chosen preset; None leaves them to the server."""
        return None if self.preset is None else self.model.presets[self.preset].sampling_parameters

    # --- asking -------------------------------------------------------------------------------------

    async def ask(self, content: str) -> Asked:
        """Send a prompt and ask for its reply; raises what Api raises, and the conversation is where it was."""
        if self.chat_id is None or self._tail_id is None:
            # A chat whose first prompt has no reply takes no second first prompt.
            self.chat_id = await self.api.create_chat()
        self._prompt_id = await self.api.add_prompt(self.chat_id, self._tail_id, content)
        return await self.regenerate()

    async def regenerate(self) -> Asked:
        """Ask for another reply to the last prompt. Raises ClientError when there is none."""
        if self.chat_id is None or self._prompt_id is None:
            raise ClientError("There is no prompt yet whose reply could be written again: write one first.")
        message_id = await self.api.add_reply(
            self.chat_id, self._prompt_id, self.model.name, self.sampling_parameters, self.system_prompt
        )
        return Asked(self.chat_id, message_id)

    def ended(self, end: Ended) -> None:
        """Take note of a reply's end: the next prompt follows it, unless it failed and there is one before it."""
        if end.state in ("complete", "cancelled") or self._tail_id is None:
            self._tail_id = str(end.message["id"])

    # --- older chats --------------------------------------------------------------------------------

    async def open(self, chat_id: str) -> tuple[list[dict[str, Any]], Asked | None]:
        """Go on in another chat: its active thread, oldest first, and the reply at its end that is being written."""
        chat = await self.api.chat(chat_id)
        thread = active_thread(chat)
        self.new()
        self.chat_id = chat_id
        unfinished = None
        for message in thread:
            if message["role"] == "prompter":
                self._prompt_id = message["id"]
            elif message["state"] in FINAL_STATES:
                self.ended(Ended(message))
            else:
                unfinished = Asked(chat_id, message["id"])
        return (thread[:-1] if unfinished else thread), unfinished


def active_thread(chat: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages from the chat's first prompt to its active tail (else to its newest message), oldest first."""
    messages = {message["id"]: message for message in chat.get("messages") or []}
    if not messages:
        return []
    newest = max(messages.values(), key=lambda message: str(message["created_at"]))
    message = messages.get(chat.get("active_thread_tail_message_id") or "", newest)
    thread = []
    while message is not None:
        thread.append(message)
        message = messages.get(message["parent_id"] or "")
    return thread[::-1]


def _known(kind: str, name: str, names: list[str]) -> str:
    """The name itself, if it is one of the names; else UnknownName with the nearest or all of them."""
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UnknownName(f"There is no {kind} {name!r}.{hint} Known: {', '.join(names) or 'none'}.")
