"""Titles: the first prompt at once, then one made by TITLE_MODEL out of the first prompt and its reply.

The model is asked through the queue like anything else, by a transient chat whose reply becomes the title.
"""

import logging
import re
from uuid import UUID

from django.conf import settings

from chats.announcing import tell_chat_changed
from chats.errors import Refused
from chats.models import Chat, Message, Role, State
from chats.repository.asking import TITLE_LENGTH, first_title
from chats.repository.ending import delete_chat
from chats.repository.transient import ask_thread
from chats.repository.work_request import WorkRequest
from inference.parameters import SamplingParameters
from inference.prompts import ThreadMessage

INSTRUCTION = (
    "Give the conversation below a title of at most six words, in its own language. Answer with the title alone."
)
EXCERPT = 1500
"""Characters of the prompt, and of the reply, that the title is made from."""

TITLE_TOKENS = 32

logger = logging.getLogger(__name__)


def after_completion(message_id: UUID) -> None:
    """A reply is complete: it may be a title, or the first reply of a chat that shall have one. Raises nothing."""
    if not settings.TITLE_MODEL:
        return
    try:
        message = Message.objects.select_related("chat", "parent").get(pk=message_id)
        if message.chat.is_title_of_id is not None:
            _take(message, Chat.objects.get(pk=message.chat.is_title_of_id))
        elif not message.chat.is_transient:
            _ask(message)
    except Message.DoesNotExist:
        return
    except Refused as refusal:  # a full queue, a spent budget: the first prompt stays the title
        logger.info("No title for the chat of message %s: %s", message_id, refusal.message)
    except Exception:  # a title is never worth a reply
        logger.warning("No title for the chat of message %s", message_id, exc_info=True)


def clean_title(said: str) -> str:
    """The title in what a model said: one line, no quotes, no Markdown, no "Title:"; empty when there is none."""
    line = next((line.strip() for line in said.splitlines() if line.strip()), "")
    line = re.sub(r"^[#*_`\s>-]+|[*_`\s]+$", "", line)
    line = re.sub(r"^title\s*:\s*", "", line, flags=re.IGNORECASE)
    line = line.strip().strip("\"'“”„«»").strip()
    return " ".join(line.replace("\x00", "").split())[:TITLE_LENGTH]


def _ask(message: Message) -> None:
    chat, prompt = message.chat, message.parent
    if prompt is None or prompt.parent_id is not None or chat.title != first_title(prompt.content or ""):
        return
    replies = Message.objects.filter(chat=chat, role=Role.ASSISTANT, state=State.COMPLETE)
    if replies.exclude(pk=message.pk).exists() or Chat.objects.filter(is_title_of=chat).exists():
        return
    text = f"{INSTRUCTION}\n\nPrompt: {(prompt.content or '')[:EXCERPT]}\n\nReply: {(message.content or '')[:EXCERPT]}"
    ask_thread(
        user=chat.user,
        thread=[ThreadMessage(role="prompter", content=text)],
        keep=False,
        is_title_of=chat,
        request=WorkRequest(
            model_config_name=settings.TITLE_MODEL,
            sampling_parameters=SamplingParameters(
                top_k=None, top_p=None, temperature=1.0, max_new_tokens=TITLE_TOKENS
            ),
            do_sample=False,
        ),
    )


def _take(reply: Message, named: Chat) -> None:
    """The reply becomes the title, unless somebody has named the chat meanwhile; its own chat goes."""
    prompt = named.messages.filter(parent=None).order_by("id").first()
    title = clean_title(reply.content or "")
    if title and prompt is not None:
        automatic = first_title(prompt.content or "")
        if Chat.objects.filter(pk=named.pk, title=automatic).update(title=title):
            named.title = title
            tell_chat_changed(named)
    delete_chat(reply.chat)
