"""A chat as a file: export as JSON or Markdown, and import of that JSON as a new chat with ids of its own."""

from typing import Annotated, Any, Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from chats.announcing import tell_chat_made
from chats.content import check_text
from chats.errors import TooLarge, Unprocessable
from chats.ids import new_id
from chats.models import INSTRUCTIONS, INSTRUCTIONS_LENGTH, UNFINISHED, Chat, Message, Preferences, Role, State
from chats.repository.asking import TITLE_LENGTH
from chats.repository.preferring import check_instructions
from chats.threads import active_thread
from inference.parameters import WorkParameters

Instruction = Annotated[str, Field(max_length=INSTRUCTIONS_LENGTH)]
Text = Annotated[str, Field(max_length=255)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]


class ExportedMessage(BaseModel):
    """A message in the file. `id` and `parent_id` hold the tree together; an import gives new ones."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())

    id: Text
    parent_id: Text | None = None
    role: Role
    state: State
    content: str | None = None
    created_at: AwareDatetime
    score: Annotated[int, Field(ge=-1, le=1)] = 0
    model_config_name: Annotated[str, Field(max_length=100)] | None = None
    work_parameters: WorkParameters | None = None
    finish_reason: Annotated[str, Field(max_length=32)] | None = None
    error: str | None = None
    prompt_tokens: Count | None = None
    generated_tokens: Count | None = None


class ExportedChat(BaseModel):
    """The chat in the file."""

    model_config = ConfigDict(extra="ignore")

    title: Annotated[str, Field(max_length=TITLE_LENGTH)] | None = None
    created_at: AwareDatetime
    active_thread_tail_message_id: Text | None = None
    system_prompt: Instruction = ""
    user_profile: Instruction = ""
    user_response_instructions: Instruction = ""

    def instructions(self) -> dict[str, str]:
        """What the chat's models are told before its messages."""
        return {name: getattr(self, name) for name in INSTRUCTIONS}


class ExportFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="ignore")

    format: Literal["oasst-chat"] = "oasst-chat"
    version: Literal[1] = 1
    exported_at: AwareDatetime
    chat: ExportedChat
    messages: list[ExportedMessage]


def export_json(chat: Chat) -> dict[str, Any]:
    """The whole tree of the chat as plain JSON."""
    file = ExportFile(
        exported_at=timezone.now(),
        chat=ExportedChat(
            title=chat.title,
            created_at=chat.created_at,
            active_thread_tail_message_id=None
            if chat.active_thread_tail_id is None
            else str(chat.active_thread_tail_id),
            **{name: getattr(chat, name) for name in INSTRUCTIONS},
        ),
        messages=[_exported(message) for message in chat.messages.order_by("id")],
    )
    return file.model_dump(mode="json")


def export_markdown(chat: Chat) -> str:
    """The active thread, to be read by people."""
    lines = [f"# {chat.title or 'Chat'}", "", f"{chat.created_at:%Y-%m-%d %H:%M} UTC", ""]
    for message in active_thread(chat):
        speaker = "You" if message.role == Role.PROMPTER else message.model_config_name or "Assistant"
        lines += [f"## {speaker}", "", message.content or f"*({message.state})*", ""]
    return "\n".join(lines)


def import_chat(*, user: Any, data: Any) -> Chat:
    """A new chat of the user out of an exported file, in one transaction. Unfinished replies come as cancelled.

    Raises Unprocessable for a file that is none of ours or whose messages form no tree, TooLarge and BadRequest for
    what no chat may hold.
    """
    file = _read(data)
    if len(file.messages) > settings.CHAT_MAX_MESSAGES:
        raise TooLarge(f"The file has {len(file.messages)} messages; a chat holds {settings.CHAT_MAX_MESSAGES}.")
    check_instructions(file.chat.instructions())
    if file.chat.title:
        check_text(file.chat.title, field="chat.title", max_length=TITLE_LENGTH)
    rows: dict[str, Message] = {}
    chat = Chat(
        user=user,
        title=file.chat.title or None,
        message_count=len(file.messages),
        allow_data_use=Preferences.objects.of(user).allow_data_use,
        **file.chat.instructions(),
    )
    for at, message in enumerate(file.messages):
        if message.id in rows:
            raise Unprocessable(f"messages.{at}.id {message.id!r} stands there twice.", field=f"messages.{at}.id")
        rows[message.id] = _imported(chat, message, at, rows)
    with transaction.atomic():
        chat.save()
        Message.objects.bulk_create(rows.values(), batch_size=500)
        _date(list(rows.values()), file.messages)
        chat.active_thread_tail = rows.get(file.chat.active_thread_tail_message_id or "")
        chat.save(update_fields=["active_thread_tail"])
        tell_chat_made(chat)
    return chat


def _exported(message: Message) -> ExportedMessage:
    return ExportedMessage(
        id=str(message.pk),
        parent_id=None if message.parent_id is None else str(message.parent_id),
        role=Role(message.role),
        state=State(message.state),
        content=message.content,
        created_at=message.created_at,
        score=message.score,
        model_config_name=message.model_config_name or None,
        work_parameters=message.work_parameters,
        finish_reason=message.finish_reason or None,
        error=message.error or None,
        prompt_tokens=message.prompt_tokens,
        generated_tokens=message.generated_tokens,
    )


def _read(data: Any) -> ExportFile:
    try:
        return ExportFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        raise Unprocessable(
            _("This is no exported chat: %(reason)s.") % {"reason": f"{field or 'it'}: {first['msg'].lower()}"},
            field=field,
        ) from error


def _imported(chat: Chat, message: ExportedMessage, at: int, rows: dict[str, Message]) -> Message:
    """The row. Parents stand before their children in the file, so that there is no circle."""
    field = f"messages.{at}"
    parent = None if message.parent_id is None else rows.get(message.parent_id)
    if message.parent_id is not None and parent is None:
        raise Unprocessable(
            f"{field}.parent_id {message.parent_id!r} is none of the messages before it.", field=f"{field}.parent_id"
        )
    if (message.role == Role.PROMPTER) != (message.state == State.MANUAL):
        raise Unprocessable(f"{field} is a {message.role} with the state {message.state}.", field=f"{field}.state")
    above = None if parent is None else parent.role
    if above == message.role or (above is None and message.role == Role.ASSISTANT):
        raise Unprocessable(
            f"{field} is a {message.role} under {above or 'nothing'}: prompts and replies take turns.",
            field=f"{field}.role",
        )
    content = message.content or ""
    is_prompt = message.role == Role.PROMPTER
    check_text(content, field=f"{field}.content", max_length=settings.MESSAGE_MAX_LENGTH, may_be_empty=not is_prompt)
    if message.error:
        check_text(message.error, field=f"{field}.error", max_length=settings.MESSAGE_MAX_LENGTH)
    for name in ("model_config_name", "finish_reason"):
        if text := getattr(message, name):
            check_text(text, field=f"{field}.{name}", max_length=100)
    return Message(
        id=new_id(),
        chat=chat,
        parent=parent,
        role=message.role,
        state=State.CANCELLED if message.state in UNFINISHED else message.state,
        content=content,
        score=message.score,
        model_config_name=message.model_config_name or "",
        work_parameters=None if message.work_parameters is None else message.work_parameters.to_json(),
        finish_reason=message.finish_reason or "",
        error=message.error or "",
        prompt_tokens=message.prompt_tokens,
        generated_tokens=message.generated_tokens,
    )


def _date(rows: list[Message], messages: list[ExportedMessage]) -> None:
    """Give the rows the times of the file: Django sets its own at the insert."""
    for row, message in zip(rows, messages, strict=True):
        row.created_at = message.created_at
    Message.objects.bulk_update(rows, ["created_at"], batch_size=500)
