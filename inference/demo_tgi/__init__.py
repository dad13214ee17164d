"""A stand-in for text-generation-inference: speaks its HTTP API and holds no language model.

Start it with ``python -m inference.demo_tgi``; tests start one within their own event loop::

    async with running(Options(model="_lorem", port=0, tokens_per_second=0)) as url:
        ...

and compute what it must say with ``lorem_text``.
"""

from inference.demo_tgi.lorem import lorem_text, reply_text
from inference.demo_tgi.options import Options
from inference.demo_tgi.server import running

__all__ = ["Options", "lorem_text", "reply_text", "running"]
