"""The tables: a user's chats, their messages, and what people say of replies."""

from chats.models.chat import Chat
from chats.models.feedback import MessageEval, Report, ReportType
from chats.models.message import FINISHED, UNFINISHED, Message, Role, State
from chats.models.service import Pause
from chats.models.share import Share
from chats.models.usage import Usage

__all__ = [
    "FINISHED",
    "UNFINISHED",
    "Chat",
    "Message",
    "MessageEval",
    "Pause",
    "Report",
    "ReportType",
    "Role",
    "Share",
    "State",
    "Usage",
]
