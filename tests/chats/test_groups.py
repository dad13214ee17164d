"""What goes past the layer's own `group_send` arrives as if it had gone through it."""

from channels.layers import get_channel_layer

from chats.groups import finished_hint, letter_to, letters_to, message_group, publish, stream_event
from chats.redis import async_redis
from inference import events


async def test_a_letter_is_heard_as_a_published_event_is(redis_url):
    layer, group = get_channel_layer(), message_group("a-message")
    event = events.token("a-message", cursor="1.4", offset=0, end=4, text="Häh")
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    await layer.group_send(group, stream_event(event))
    await publish(group, stream_event(event))
    await async_redis().publish(*letters_to(group)(event))
    assert [await layer.receive(channel) for _ in range(3)] == [stream_event(event)] * 3
    await async_redis().publish(*letter_to(group, finished_hint("a-message")))
    assert await layer.receive(channel) == finished_hint("a-message")
    await layer.flush()
    await async_redis().aclose()
