"""What people type as the server's address."""

import pytest

from chats.text_client.address import server_url


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("localhost:8000", "http://localhost:8000"),
        (" http://localhost:8000/ ", "http://localhost:8000"),
        ("http://localhost:8000/api", "http://localhost:8000"),
        ("https://chat.example.org/oasst/api/", "https://chat.example.org/oasst"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_an_address_is_understood(typed, meant):
    assert server_url(typed) == meant


@pytest.mark.parametrize("typed", ["", "ftp://x", "http://", "localhost:port", "http://x:99999", "http://x?y=1"])
def test_what_is_no_address_is_refused_by_name(typed):
    with pytest.raises(ValueError, match="is no server address: write it like http://localhost:8000"):
        server_url(typed)
