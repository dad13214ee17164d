"""The tables: a user's chats, their messages, what people say of replies, and what they prefer."""

from chats.models.chat import Chat
from chats.models.feedback import MessageEval, Report, ReportType
from chats.models.instructions import INSTRUCTIONS, INSTRUCTIONS_LENGTH
from chats.models.message import UNFINISHED, Message, Role, State
from chats.models.milestones import Milestones
from chats.models.preferences import PRESET_NAME_LENGTH, Preferences, SavedPreset
from chats.models.service import Pause
from chats.models.share import Share
from chats.models.usage import Usage

__all__ = [
    "INSTRUCTIONS",
    "INSTRUCTIONS_LENGTH",
    "PRESET_NAME_LENGTH",
    "UNFINISHED",
    "Chat",
    "Message",
    "MessageEval",
    "Milestones",
    "Pause",
    "Preferences",
    "Report",
    "ReportType",
    "Role",
    "SavedPreset",
    "Share",
    "State",
    "Usage",
]
