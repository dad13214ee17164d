"""The websocket of the list: what happens to one's own chats, in whichever tab or program it was done."""

from typing import Any

from chats.groups import user_group
from chats.websocket.listening import ListeningConsumer
from inference import events


class ChatListConsumer(ListeningConsumer):
    """A client that shows the list of chats. It only listens."""

    async def find_group(self) -> str:
        return user_group(self.scope["user"].pk)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Whatever is sent is refused; the socket stays open."""
        if self.group is not None:
            error = "This socket takes no commands: send them on /ws/chats/CHAT_ID."
            await self.send_event(events.command_error(error=error, code=400, ref=None))

    async def chats_event(self, message: dict[str, Any]) -> None:
        """A chat was made, changed or deleted."""
        await self.send_event(message["event"])
