"""A chat's instructions on its websocket: told when they change, and used by the next reply."""

from chats.database import in_database


async def test_a_socket_hears_new_instructions_and_its_next_reply_follows_them(socket, person, chat, model):
    change = {"system_prompt": "Speak like a pirate."}
    await in_database(person.api.put, f"chats/{chat.pk}", change)
    told = (await socket.answer("chat"))["chat"]
    assert told["system_prompt"] == "Speak like a pirate."
    await socket.says(type="prompt", ref="1", content="Hello", model_config_name=model.name)
    await socket.answer("message_created")
    reply = (await socket.answer("message_created"))["message"]
    assert reply["work_parameters"]["system_prompt"] == "Speak like a pirate."
