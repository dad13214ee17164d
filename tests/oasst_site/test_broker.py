"""Kombu's clients for Redis: made once, and anew with their pool."""

import pytest
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
