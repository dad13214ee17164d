"""The Celery tasks of the workers. Each loads and calls one function."""

from uuid import UUID

from celery import Task, shared_task

from chats.telemetry.origin import HEADERS, lines_about
from chats.tickets import TASK
from inference.schema import SCHEMA_HEADER
from workers.compliance import TASK as CHECK


@shared_task(
    bind=True,
    name=TASK,
    acks_late=True,
    ignore_result=True,
    Request="workers.ticket_request:TicketRequest",
)
def generate(self: Task, message_id: str) -> None:
    """Serve one ticket. `message_id` is a hint for people: the claim takes whatever is due first."""
    from workers import runtime
    from workers.tickets import serve_ticket

    with lines_about({name: value for name in HEADERS if (value := self.request.get(name))}):
        serve_ticket(runtime.current(), schema=self.request.get(SCHEMA_HEADER))


@shared_task(name=CHECK, ignore_result=True, Request="workers.ticket_request:TicketRequest")
def check_compliance(check_id: str) -> None:
    """Make a finished reply again (workers/compliance)."""
    from workers import runtime
    from workers.compliance.serving import serve_check

    serve_check(runtime.current(), UUID(check_id))
