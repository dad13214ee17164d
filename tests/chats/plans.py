"""What Postgres does for the statements of a call: each one's plan, run on the rows that are there, and undone."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import ClientCursor


@dataclass(frozen=True)
class Plan:
    """A plan that was run. `nodes`: all of them, as EXPLAIN tells them. `buffers`: pages that were looked at."""

    sql: str
    nodes: list[dict[str, Any]]
    buffers: int

    def scans(self, index: str) -> list[dict[str, Any]]:
        """The nodes that read this index."""
        return [node for node in self.nodes if node.get("Index Name") == index]

    def rows(self, index: str) -> int:
        """How many rows were read by this index, over all turns of its nodes, those that a filter dropped too; Postgres
        rounds the mean of the turns.
        """
        return sum(
            round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
            for node in self.scans(index)
        )


@contextmanager
def plans(*, generic: bool = False) -> Iterator[list[Plan]]:
    """Fills with the plans of the block's statements, which happen all the same. Within a transaction.

    generic: the plan that a prepared statement has once Postgres no longer looks at the parameters.
    """
    seen: list[Plan] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", sql):
            seen.append(_plan(sql, params, generic=generic))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield seen


def _plan(sql: str, params: Any, *, generic: bool) -> Plan:
    """By PREPARE and EXECUTE, as psycopg does it for a statement that comes often (settings.DATABASE_PREPARE)."""
    values: dict[str, Any] = {}

    def number(found: re.Match[str]) -> str:
        name = found[1] or str(len(values))
        values.setdefault(name, params[name] if found[1] else params[len(values)])
        return f"${list(values).index(name) + 1}"

    numbered = re.sub(r"%(?:\((\w+)\))?s", number, sql).replace("%%", "%")
    cursor: ClientCursor[Any] = ClientCursor(connection.connection)
    with connection.connection.transaction(force_rollback=True), cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = force_{'generic' if generic else 'custom'}_plan")
        cursor.execute(f"PREPARE explained AS {numbered}")
        try:
            given = f"({', '.join(['%s'] * len(values))})" if values else ""
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE explained{given}", list(values.values()))
            [(told,)] = cursor.fetchall()
        finally:
            cursor.execute("DEALLOCATE explained")
    [top] = told if isinstance(told, list) else json.loads(told)
    root = top["Plan"]
    buffers = root["Shared Hit Blocks"] + root["Shared Read Blocks"] + root["Temp Read Blocks"]
    return Plan(sql.strip(), list(_nodes(root)), buffers)


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)
