"""The expressions of docker/observability/: those of the alerts, and those of the dashboards."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql_parser
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "docker" / "observability"
ALERTS = FOLDER / "prometheus" / "alerts.yaml"
DASHBOARDS = sorted((FOLDER / "grafana" / "dashboards").glob("*.json"))


@dataclass(frozen=True)
class Selected:
    """One series selector: the metric, and the labels that it is asked by."""

    metric: str
    labels: frozenset[str]


def alerts() -> list[dict[str, Any]]:
    """Every alerting rule."""
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels(dashboard: Path) -> list[dict[str, Any]]:
    """The panels with queries."""
    return [panel for panel in json.loads(dashboard.read_text(encoding="utf-8"))["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[tuple[str, str]]:
    """Where it stands, and the expression; the dashboards' variables stand for everything."""
    for rule in alerts():
        yield f"alert {rule['alert']}", rule["expr"]
    for dashboard in DASHBOARDS:
        for panel in panels(dashboard):
            for target in panel["targets"]:
                yield (
                    f"{dashboard.stem}: {panel['title']}",
                    target["expr"].replace("$model", ".*").replace("$engine", ".*"),
                )


def selected(expression: str) -> Iterator[Selected]:
    """Every selector in it. Raises ValueError when it is no PromQL."""
    yield from _selected(promql_parser.parse(expression))


def _selected(node: Any) -> Iterator[Selected]:
    match node:
        case promql_parser.VectorSelector():
            yield Selected(node.name or "", frozenset(each.name for each in node.matchers.matchers))
        case promql_parser.MatrixSelector():
            yield from _selected(node.vector_selector)
        case promql_parser.BinaryExpr():
            yield from _selected(node.lhs)
            yield from _selected(node.rhs)
        case promql_parser.Call():
            for argument in node.args:
                yield from _selected(argument)
        case (
            promql_parser.AggregateExpr()
            | promql_parser.ParenExpr()
            | promql_parser.UnaryExpr()
            | promql_parser.SubqueryExpr()
        ):
            yield from _selected(node.expr)
