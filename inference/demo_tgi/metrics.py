"""Counters and histograms under TGI's names, in Prometheus' text format."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

_SECONDS = tuple(round(0.001 * 2**power, 3) for power in range(18))
_TOKENS = tuple(float(2**power) for power in range(18))

_HISTOGRAMS = {
    "tgi_request_duration": _SECONDS,
    "tgi_request_validation_duration": _SECONDS,
    "tgi_request_queue_duration": _SECONDS,
    "tgi_request_inference_duration": _SECONDS,
    "tgi_request_mean_time_per_token_duration": tuple(round(0.00001 * 2**power, 5) for power in range(18)),
    "tgi_request_input_length": _TOKENS,
    "tgi_request_max_new_tokens": _TOKENS,
    "tgi_request_generated_tokens": _TOKENS,
}


class _Histogram:
    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def record(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def lines(self, name: str) -> Iterator[str]:
        total = 0
        for bound, times in zip((*self._bounds, float("inf")), self._counts, strict=True):
            total += times
            yield f'{name}_bucket{{le="{"+Inf" if bound == float("inf") else f"{bound:g}"}"}} {total}'
        yield f"{name}_sum {self._sum:g}"
        yield f"{name}_count {total}"


class Metrics:
    """All numbers of one server."""

    def __init__(self) -> None:
        self._requests = 0
        self._successes = 0
        self._failures: Counter[str] = Counter({"validation": 0, "overloaded": 0, "incomplete": 0})
        self._histograms = {name: _Histogram(bounds) for name, bounds in _HISTOGRAMS.items()}

    def request(self) -> None:
        """A generation was asked for."""
        self._requests += 1

    def failure(self, err: str) -> None:
        """It failed; ``err`` as TGI labels it."""
        self._failures[err] += 1

    def accepted(self, *, input_length: int, max_new_tokens: int, validation_s: float) -> None:
        """It passed the checks."""
        self._histograms["tgi_request_input_length"].record(input_length)
        self._histograms["tgi_request_max_new_tokens"].record(max_new_tokens)
        self._histograms["tgi_request_validation_duration"].record(validation_s)
        self._histograms["tgi_request_queue_duration"].record(0.0)

    def success(self, *, generated_tokens: int, duration_s: float) -> None:
        """It was generated to its end."""
        self._successes += 1
        self._histograms["tgi_request_duration"].record(duration_s)
        self._histograms["tgi_request_inference_duration"].record(duration_s)
        self._histograms["tgi_request_generated_tokens"].record(generated_tokens)
        self._histograms["tgi_request_mean_time_per_token_duration"].record(duration_s / generated_tokens)

    def text(self, *, running: int) -> str:
        """The scrape; ``running``: replies being generated now. Nothing ever queues here."""
        lines = [
            "# TYPE tgi_request_count counter",
            f"tgi_request_count {self._requests}",
            "# TYPE tgi_request_success counter",
            f"tgi_request_success {self._successes}",
            "# TYPE tgi_request_failure counter",
            *(f'tgi_request_failure{{err="{err}"}} {times}' for err, times in self._failures.items()),
            "# TYPE tgi_queue_size gauge",
            "tgi_queue_size 0",
            "# TYPE tgi_batch_current_size gauge",
            f"tgi_batch_current_size {running}",
        ]
        for name, histogram in self._histograms.items():
            lines += [f"# TYPE {name} histogram", *histogram.lines(name)]
        return "\n".join(lines) + "\n"
