"""The tables: a user's chats, their messages, and what people say of replies."""

from chats.models.chat import Chat
from chats.models.feedback import MessageEval, Report, ReportType
from chats.models.message import FINISHED, UNFINISHED, Message, Role, State

__all__ = ["FINISHED", "UNFINISHED", "Chat", "Message", "MessageEval", "Report", "ReportType", "Role", "State"]
