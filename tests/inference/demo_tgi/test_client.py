"""TGI's own client against the demo TGI."""

from contextlib import aclosing

import pytest
from text_generation import AsyncClient
from text_generation.types import FinishReason

from inference.demo_tgi import lorem_text

from .conftest import Server, Start

pytestmark = pytest.mark.filterwarnings("ignore:The `dict` method is deprecated")


async def test_the_client_reads_a_stream(server: Server):
    client = AsyncClient(server.url)
    responses = [
        response
        async for response in client.generate_stream(
            "<|prompter|>hello<|endoftext|><|assistant|>",
            do_sample=True,
            max_new_tokens=200,
            seed=3,
            temperature=0.9,
            top_k=50,
            top_p=0.95,
            typical_p=0.2,
            repetition_penalty=1.2,
            stop_sequences=["<|endoftext|>", "<|prompter|>"],
        )
    ]
    text = "".join(response.token.text for response in responses)
    assert text == responses[-1].generated_text == lorem_text(3, "hello", 200)
    details = responses[-1].details
    assert details is not None
    assert (details.finish_reason, details.generated_tokens, details.seed) == (FinishReason.Length, 200, 3)


async def test_the_client_reads_a_reply_in_one_piece(server: Server):
    response = await AsyncClient(server.url).generate("hello", max_new_tokens=5, seed=3, top_n_tokens=2)
    assert response.generated_text == lorem_text(3, "hello", 5)
    assert len(response.details.tokens) == 5


async def test_closing_the_client_s_generator_stops_the_generation(start: Start):
    server = await start(tokens_per_second=100)
    async with aclosing(AsyncClient(server.url).generate_stream("hello", max_new_tokens=10_000)) as stream:
        async for _ in stream:
            break
        assert (await server.requests())["open"] == 1
    assert (await server.until("cancelled"))["cancelled"] == 1
