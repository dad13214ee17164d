"""A chat's first prompt names it, and everybody who has it open hears of that."""

from channels.layers import get_channel_layer

from chats.database import in_database
from chats.groups import chat_group
from chats.repository.asking import add_prompt


async def test_the_first_prompt_tells_the_chats_new_title(live, chat):
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(chat_group(chat.pk), channel)
    await in_database(add_prompt, chat=chat, parent_id=None, content="What is a llama?")
    heard = await layer.receive(channel)
    assert (heard["event"]["event_type"], heard["event"]["chat"]["title"]) == ("chat", "What is a llama?")


async def test_a_refused_first_prompt_does_not_keep_the_title_of_the_next_one_from_being_told(socket, model):
    await socket.says(type="prompt", ref="1", content="What is a llama?", model_config_name="gpt-9")
    assert (await socket.refusal())["code"] == 422
    await socket.says(type="prompt", ref="2", content="What is a camel?", model_config_name=model.name)
    assert (await socket.answer("chat"))["chat"]["title"] == "What is a camel?"
