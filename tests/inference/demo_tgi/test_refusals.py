"""Requests that TGI refuses, in its words."""

from typing import Any

import pytest

from inference.demo_tgi.limits import Limits

from .conftest import Server, Start

BAD_VALUES = [
    ({"temperature": 0}, "`temperature` must be strictly positive"),
    ({"repetition_penalty": 0.0}, "`repetition_penalty` must be strictly positive"),
    ({"frequency_penalty": 3}, "`frequency_penalty` must be >= -2.0 and <= 2.0"),
    ({"top_p": 1.0}, "`top_p` must be > 0.0 and < 1.0"),
    ({"top_p": 0}, "`top_p` must be > 0.0 and < 1.0"),
    ({"typical_p": 1}, "`typical_p` must be > 0.0 and < 1.0"),
    ({"top_k": 0}, "`top_k` must be strictly positive"),
    ({"top_k": -1}, "`top_k` must be strictly positive"),
    ({"max_new_tokens": 0}, "`max_new_tokens` must be strictly positive"),
    ({"stop": list("abcde")}, "`stop` supports up to 4 stop sequences. Given: 5"),
    ({"top_n_tokens": 6}, "`top_n_tokens` must be >= 0 and <= 5. Given: 6"),
    ({"truncate": 0}, "`truncate` must be strictly positive and less than 10. Given: 0"),
    ({"truncate": 11}, "`truncate` must be strictly positive and less than 10. Given: 11"),
    ({"grammar": {"type": "regex", "value": "a"}}, "grammar is not supported"),
    (
        {"max_new_tokens": 30},
        "`inputs` tokens + `max_new_tokens` must be <= 30. Given: 1 `inputs` tokens and 30 `max_new_tokens`",
    ),
]


@pytest.fixture
async def small(start: Start) -> Server:
    return await start(limits=Limits(max_input_tokens=10, max_total_tokens=30))


async def refused(server: Server, inputs: str, parameters: dict[str, Any]) -> str:
    """The error of ``/generate``, which a stream tells as well, as an event."""
    response = await server.post("/generate", {"inputs": inputs, "parameters": parameters})
    assert response.status == 422
    error = await response.json()
    assert error["error_type"] == "validation"
    assert await server.events(inputs, **parameters) == [error]
    return error["error"].removeprefix("Input validation error: ")


@pytest.mark.parametrize(("parameters", "message"), BAD_VALUES)
async def test_a_bad_value_is_told_in_tgi_s_words(small: Server, parameters: dict[str, Any], message: str):
    assert await refused(small, "hello", {"max_new_tokens": 5, **parameters}) == message


async def test_an_empty_prompt_is_refused(small: Server):
    assert await refused(small, "", {}) == "`inputs` cannot be empty"


async def test_a_prompt_that_is_too_long_is_refused(small: Server):
    message = await refused(small, "one two three four five six seven eight nine ten eleven", {"max_new_tokens": 1})
    assert message == "`inputs` must have less than 10 tokens. Given: 11"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"best_of": 3, "do_sample": True}, "`best_of` must be > 0 and <= 2. Given: 3"),
        ({"best_of": 2}, "you must use sampling when `best_of` is > 1"),
        ({"best_of": 2, "do_sample": True, "seed": 1}, "`seed` must not be set when `best_of` > 1"),
    ],
)
async def test_the_best_of_several_needs_sampling_and_no_seed(server: Server, parameters: dict[str, Any], message: str):
    response = await server.post("/generate", {"inputs": "hello", "parameters": parameters})
    assert (await response.json())["error"] == f"Input validation error: {message}"


async def test_what_cannot_be_streamed_is_refused(server: Server):
    for parameters, message in (
        ({"best_of": 2}, "`best_of` != 1 is not supported when streaming tokens"),
        ({"decoder_input_details": True}, "`decoder_input_details` == true is not supported when streaming tokens"),
    ):
        [event] = await server.events("hello", **parameters)
        assert event == {"error": f"Input validation error: {message}", "error_type": "validation"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "missing field `inputs`"),
        ({"inputs": 5}, "inputs: invalid type: integer `5`, expected a string"),
        ([], "invalid type: sequence, expected struct GenerateRequest"),
        ({"inputs": "x", "parameters": None}, "parameters: invalid type: null, expected struct GenerateParameters"),
        ({"inputs": "x", "parameters": {"top_k": "5"}}, 'parameters.top_k: invalid type: string "5", expected i32'),
        ({"inputs": "x", "parameters": {"seed": -1}}, "parameters.seed: invalid value: integer `-1`, expected u64"),
        (
            {"inputs": "x", "parameters": {"top_p": True}},
            "parameters.top_p: invalid type: boolean `true`, expected f32",
        ),
        ({"inputs": "x", "parameters": {"stop": None}}, "parameters.stop: invalid type: null, expected a sequence"),
        (
            {"inputs": "x", "parameters": {"stop": [1]}},
            "parameters.stop[0]: invalid type: integer `1`, expected a string",
        ),
        (
            {"inputs": "x", "parameters": {"details": 1}},
            "parameters.details: invalid type: integer `1`, expected a boolean",
        ),
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused_in_plain_text(server: Server, body: Any, message: str):
    response = await server.post("/generate_stream", body)
    assert (response.status, response.content_type) == (422, "text/plain")
    assert await response.text() == f"Failed to deserialize the JSON body into the target type: {message}"


async def test_a_body_that_is_no_json_is_refused_in_plain_text(server: Server):
    url = f"{server.url}/generate"
    async with server.session.post(url, data=b"{", headers={"Content-Type": "application/json"}) as response:
        assert response.status == 400
        assert (await response.text()).startswith("Failed to parse the request body as JSON")
    async with server.session.post(url, data=b"{}") as response:
        assert response.status == 415


async def test_a_body_that_is_too_large_is_refused(start: Start):
    server = await start(limits=Limits(payload_limit=1000))
    assert (await server.post("/generate", {"inputs": "x" * 1001})).status == 413
