"""The collector that prometheus_client asks at each scrape."""

import logging
from collections.abc import Callable, Iterable, Iterator

import redis
from celery import current_app
from django.conf import settings
from django.db import Error as DatabaseError
from kombu.exceptions import OperationalError as BrokerError
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from chats.redis import sync_redis
from inference.sessions import SyncSessionRegistry
from workers.metrics import WINDOW, queries
from workers.models import DECIDED, ComplianceCheck
from workers.reconciler_age import reconciler_age_s

logger = logging.getLogger(__name__)

GPU = ("model", "worker", "gpu")
BROKER_TIMEOUT_S = 2.0
MINUTES = f"in the last {WINDOW.total_seconds() / 60:g} minutes"


class ServiceCollector(Collector):
    """The whole service as Postgres and Redis have it now. While one is away, the other's part is told."""

    def collect(self) -> Iterator[Metric]:
        """Every metric family."""
        reachable = gauge("oasst_source_up", "Whether this source of the metrics answered.", "source")
        for name, source in (("postgres", _from_postgres), ("redis", _from_redis), ("broker", _from_broker)):
            families = _ask(source)
            reachable.add_metric([name], families is not None)
            yield from families or ()
        yield reachable


def registry() -> CollectorRegistry:
    """Of our collector alone: this process's own numbers would be those of one of many."""
    made = CollectorRegistry(auto_describe=False)
    made.register(ServiceCollector())
    return made


def gauge(name: str, told: str, *labels: str) -> GaugeMetricFamily:
    """An empty family."""
    return GaugeMetricFamily(name, told, labels=labels)


def _ask(source: Callable[[], Iterable[Metric]]) -> list[Metric] | None:
    try:
        return list(source())
    except (DatabaseError, redis.RedisError, BrokerError, OSError) as error:
        logger.warning("/metrics lacks a part: %s", error)
        return None


def _from_postgres() -> Iterator[Metric]:
    depth = gauge("oasst_queue_depth", "Replies that wait.", "model")
    oldest = gauge("oasst_queue_oldest_wait_seconds", "How long the oldest of them has waited.", "model")
    running = gauge("oasst_replies_in_progress", "Replies that are being generated.", "model")
    for queue in queries.look_at_queues():
        depth.add_metric([queue.model], queue.waiting)
        oldest.add_metric([queue.model], queue.oldest_wait_s or 0)
        running.add_metric([queue.model], queue.running)
    yield from (depth, oldest, running)

    wait = gauge(
        "oasst_queue_wait_seconds", f"From question to claim, of replies ended {MINUTES}.", "model", "quantile"
    )
    first = gauge("oasst_first_token_seconds", f"From claim to first token, ended {MINUTES}.", "model", "quantile")
    for model, times in queries.times(WINDOW).items():
        for family, values in ((wait, times.queue_wait_s), (first, times.first_token_s)):
            for quantile, value in zip(queries.QUANTILES, values, strict=True):
                if value is not None:
                    family.add_metric([model, f"{quantile:g}"], value)
    yield from (wait, first)

    ended = gauge("oasst_replies_ended", f"Replies ended {MINUTES}.", "model", "state")
    for (model, state), count in queries.ended(WINDOW).items():
        ended.add_metric([model, state], count)
    errors = gauge("oasst_errors", f"Replies that failed {MINUTES}, by kind.", "model", "kind")
    for (model, kind), count in queries.errors(WINDOW).items():
        errors.add_metric([model, kind], count)
    yield from (ended, errors)

    checks = gauge("oasst_compliance_checks", "Decided compliance checks.", "state")
    for state in DECIDED:
        checks.add_metric([state], ComplianceCheck.objects.filter(state=state).count())
    yield checks


def _from_redis() -> Iterator[Metric]:
    client = sync_redis()
    sessions = gauge("oasst_worker_sessions", "Live worker processes.", "model", "open")
    seats = gauge("oasst_worker_seats", "Replies that the open ones can generate at a time.", "model")
    in_flight = gauge("oasst_worker_in_flight", "Replies that they hold.", "model")
    rate = gauge("oasst_tokens_per_second", "Tokens that they generate, over their last seconds.", "model")
    gpu_use = gauge("oasst_gpu_usage_percent", "Time that a GPU of the worker's machine is busy.", *GPU)
    gpu_memory = gauge("oasst_gpu_memory_usage_percent", "Memory in use of a GPU of the worker's machine.", *GPU)
    by_model: dict[str, list[float]] = {}
    gpus: dict[tuple[str, str, str], tuple[float, float]] = {}
    counts: dict[tuple[str, bool], int] = {}
    for session in SyncSessionRegistry(client).live().values():
        model = session.model_config_name
        counts[model, session.open] = counts.get((model, session.open), 0) + 1
        sums = by_model.setdefault(model, [0, 0, 0])
        sums[0] += session.max_parallel_requests if session.open else 0
        sums[1] += session.in_flight
        sums[2] += float(session.metrics.get("tokens_per_s", 0))
        for number, gpu in enumerate(session.metrics.get("gpus", [])):
            # A worker that was started again may for a moment have two sessions; Prometheus wants one series.
            gpus[model, session.worker_name, str(number)] = gpu["gpu_usage"], gpu["mem_usage"]
    for (model, is_open), count in counts.items():
        sessions.add_metric([model, str(is_open).lower()], count)
    for model, sums in by_model.items():
        for family, value in zip((seats, in_flight, rate), sums, strict=True):
            family.add_metric([model], value)
    for labels, values in gpus.items():
        for family, value in zip((gpu_use, gpu_memory), values, strict=True):
            family.add_metric(labels, value)
    yield from (sessions, seats, in_flight, rate, gpu_use, gpu_memory)

    age = gauge("oasst_reconciler_age_seconds", "Since the reconciler's last round; absent: none is known.")
    if (seconds := reconciler_age_s(client)) is not None:
        age.add_metric([], seconds)
    yield age


def _from_broker() -> Iterator[Metric]:
    """Nothing but whether it is there; Redis, when it is the broker too, has been asked already."""
    if settings.CELERY_BROKER_URL != settings.REDIS_URL:
        with current_app.connection_for_read(settings.CELERY_BROKER_URL) as connection:
            connection.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_S)
    yield from ()
