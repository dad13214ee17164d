"""Old and new versions side by side: a worker leaves alone what it does not know, and says so."""

import psycopg

from inference.schema import WORK_SCHEMA
from tests.live.workers.machines import Machines, until


def test_a_worker_leaves_newer_work_alone_says_so_and_serves_the_rest(machines: Machines):
    model = machines.new_model()
    newer, other = machines.ask(model, 5), machines.ask(model, 5)
    with psycopg.connect(machines.postgres.url, autocommit=True) as connection:
        connection.execute(
            "UPDATE chats_message SET work_parameters"
            " = work_parameters || jsonb_build_object('schema_version', %s::int) WHERE id = %s",
            (WORK_SCHEMA + 1, newer.id),
        )
        worker = machines.worker(model, machines.engine(model))
        other.is_whole()
        until("it says so", lambda: "1 waiting messages ask for work of a newer version" in worker.told())
        assert newer.row()["state"] == "pending"
        connection.execute(
            "UPDATE chats_message SET work_parameters = work_parameters - 'schema_version' WHERE id = %s", (newer.id,)
        )
        newer.is_whole()


def test_a_ticket_of_a_newer_version_stays_in_the_queue(machines: Machines):
    model = machines.new_model()
    worker = machines.worker(model, machines.engine(model))
    send = (
        "import django; django.setup(); from celery import current_app as app; from inference.queues import "
        "broker_queue, queue_name; from inference import catalogue; "
        f"name = queue_name(catalogue.current().get({model!r}).compat_hash); "
        "app.send_task('workers.generate', args=['x'], queue=broker_queue(name), headers={'work_schema': 99})"
    )
    assert machines.run("send", "-c", f"import oasst_site.celery; {send}").wait() == 0
    until("it says so", lambda: worker.told().count("a ticket has version 99") > 1)
