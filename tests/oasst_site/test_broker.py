"""Kombu's clients for Redis, made once and anew with their pool; what Redis is told of the tickets that were taken."""

import threading

import pytest
from kombu.asynchronous import Hub, set_event_loop
from kombu.connection import Connection

from oasst_site import broker
from oasst_site.celery import app


@pytest.fixture
def channel(redis_url):
    with Connection(redis_url) as connection:
        yield connection.default_channel


def test_celery_reaches_redis_through_our_transport(redis_url):
    with app.connection_for_write(redis_url) as connection:
        assert isinstance(connection.default_channel, broker.Channel)


def test_commands_share_one_client(channel):
    with channel.conn_or_acquire() as first, channel.conn_or_acquire() as second:
        assert first is second
        assert first.ping()


def test_what_waits_has_a_client_of_its_own(channel):
    with channel.conn_or_acquire() as client:
        assert channel.client is not client
        assert channel.subclient is not client


def test_a_new_pool_has_a_new_client(channel):
    with channel.conn_or_acquire() as before:
        channel._disconnect_pools()
    with channel.conn_or_acquire() as after:
        assert after is not before
        assert after.ping()


class Consumer:
    """A channel that takes tickets beside a loop whose turns a test decides."""

    def __init__(self, channel, hub) -> None:
        self.channel, self.hub = channel, hub
        channel.queue_declare("tickets-of-a-test")

    def takes(self, said="a ticket"):
        self.channel.basic_publish(self.channel.prepare_message(said), exchange="", routing_key="tickets-of-a-test")
        return self.channel.basic_get("tickets-of-a-test")

    def turns(self) -> None:
        for ready in self.hub._pop_ready():
            ready()

    @property
    def known(self) -> int:
        """How many taken tickets Redis knows of."""
        with self.channel.conn_or_acquire() as client:
            assert client.hlen(self.channel.unacked_key) == client.zcard(self.channel.unacked_index_key)
            return int(client.hlen(self.channel.unacked_key))

    @property
    def waiting(self) -> int:
        return int(self.channel._size("tickets-of-a-test"))


@pytest.fixture
def consumer(channel):
    hub = Hub()
    set_event_loop(hub)
    yield Consumer(channel, hub)
    set_event_loop(None)
    channel.queue_purge("tickets-of-a-test")
    hub.close()


def test_a_ticket_is_in_hand_before_redis_is_told(consumer):
    ticket = consumer.takes()
    assert ticket.body == b"a ticket"
    assert consumer.known == 0
    consumer.turns()
    assert consumer.known == 1
    ticket.ack()
    assert consumer.known == 0


def test_redis_is_never_told_of_a_ticket_that_is_done_already(consumer):
    consumer.takes().ack()
    consumer.turns()
    assert consumer.known == consumer.waiting == 0


@pytest.mark.parametrize(("ending", "back"), [("ack", 0), ("requeue", 1)])
def test_a_ticket_that_ends_while_redis_is_told_of_it_is_not_kept_there(consumer, monkeypatch, ending, back):
    """Another thread ends it when the loop has begun to tell and Redis has heard nothing yet."""
    seat = threading.Thread(target=getattr(consumer.takes(), ending))
    pipe_or_acquire = broker.QoS.pipe_or_acquire

    def once_the_seat_has_ended(self, *args, **kwargs):
        if seat.ident is None:
            seat.start()
            seat.join(0.2)  # or waits for us
        return pipe_or_acquire(self, *args, **kwargs)

    monkeypatch.setattr(broker.QoS, "pipe_or_acquire", once_the_seat_has_ended)
    consumer.turns()
    seat.join()
    assert (consumer.known, consumer.waiting) == (0, back)


def test_a_ticket_goes_back_that_redis_was_not_told_of(consumer):
    consumer.takes().requeue()
    consumer.turns()
    assert (consumer.known, consumer.waiting) == (0, 1)


def test_all_go_back_at_the_end_whether_redis_was_told_or_not(consumer):
    consumer.takes()
    consumer.turns()
    consumer.takes()
    consumer.channel.qos.restore_unacked()
    assert (consumer.known, consumer.waiting) == (0, 2)


def test_as_many_are_in_hand_as_there_are_seats(consumer):
    consumer.channel.basic_qos(prefetch_count=1)
    ticket = consumer.takes()
    assert not consumer.channel.qos.can_consume()
    consumer.turns()
    assert not consumer.channel.qos.can_consume()
    ticket.ack()
    assert consumer.channel.qos.can_consume()


def test_outside_of_a_loop_redis_is_told_at_once(channel):
    consumer = Consumer(channel, hub=None)
    ticket = consumer.takes()
    assert consumer.known == 1
    ticket.ack()
    assert consumer.known == 0
