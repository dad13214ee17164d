"""What one running server holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from inference.demo_tgi.errors import Overloaded
from inference.demo_tgi.faults import Faults
from inference.demo_tgi.ledger import Ledger
from inference.demo_tgi.metrics import Metrics
from inference.demo_tgi.models import Model
from inference.demo_tgi.options import Options


@dataclass(slots=True)
class State:
    """The model with its options, what is armed against it and what it has done."""

    options: Options
    model: Model
    faults: Faults = field(default_factory=Faults)
    ledger: Ledger = field(default_factory=Ledger)
    metrics: Metrics = field(default_factory=Metrics)
    running: int = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among the requests that may run at a time. Raises ``Overloaded`` when there is none."""
        if self.running >= self.options.limits.max_concurrent_requests:
            raise Overloaded
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1


STATE = web.AppKey("state", State)
