"""A path that does not exist is told in JSON where programs call."""

import pytest


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("path", ["/api/nope", "/api/chats/", "/api/"])
def test_the_api_says_what_it_does_not_have_in_its_own_shape(client, method, path):
    answer = getattr(client, method)(path)
    assert answer.status_code == 404
    assert answer.json() == {"detail": f"There is nothing at {path}: /api/docs lists the paths."}


def test_the_openai_api_says_it_in_openais_shape(client):
    answer = client.post("/v1/embeddings", {}, content_type="application/json")
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert "/v1/embeddings" in error["message"]
