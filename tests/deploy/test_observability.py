"""Alerts and dashboards ask for what /metrics and the engines really tell, and each alert leads to what to do."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from prometheus_client.core import Metric

from tests.deploy.promql import ALERTS, DASHBOARDS, FOLDER, alerts, expressions, panels, selected
from workers.metrics.collector import ServiceCollector

ROOT = Path(__file__).resolve().parents[2]
PROMTOOL = shutil.which("promtool")
OF_EACH_SCRAPE = {"job", "instance", "le"}
"""Labels that Prometheus itself gives, and those of histograms."""
UP = "up"

TGI = {
    *("tgi_batch_current_max_tokens", "tgi_batch_current_size", "tgi_batch_next_size", "tgi_queue_size"),
    *("tgi_batch_decode_duration", "tgi_batch_filter_duration", "tgi_batch_forward_duration"),
    *("tgi_batch_inference_count", "tgi_batch_inference_duration", "tgi_batch_inference_success"),
    *("tgi_request_count", "tgi_request_duration", "tgi_request_generated_tokens", "tgi_request_inference_duration"),
    *("tgi_request_input_length", "tgi_request_max_new_tokens", "tgi_request_mean_time_per_token_duration"),
    *("tgi_request_queue_duration", "tgi_request_skipped_tokens", "tgi_request_success"),
    "tgi_request_validation_duration",
}
"""What text-generation-inference's reference tells of its /metrics."""


@pytest.fixture
def families(db: None, empty_redis: object) -> dict[str, Metric]:
    """The families of /metrics, by name."""
    return {family.name: family for family in ServiceCollector().collect()}


def test_every_metric_that_is_asked_for_is_told(families: dict[str, Metric]):
    page = Client().get("/metrics").content.decode()
    ours = set(re.findall(r"^# TYPE (\S+)", page, re.MULTILINE))
    assert ours == families.keys()
    for where, expression in expressions():
        for each in selected(expression):
            name = re.sub(r"_(bucket|sum|count)$", "", each.metric) if each.metric.startswith("tgi_re") else each.metric
            assert each.metric in ours | {UP} or {name, each.metric} & TGI, f"{where}: nobody tells {each.metric}"


def test_every_label_that_is_asked_by_is_told(families: dict[str, Metric]):
    asked = 0
    for where, expression in expressions():
        for each in selected(expression):
            if each.metric in families:
                told: Any = families[each.metric]
                assert each.labels <= {*told._labelnames, *OF_EACH_SCRAPE}, f"{where}: {each}"
                asked += len(each.labels)
    assert asked > 20


def test_every_metric_of_ours_is_looked_at(families: dict[str, Metric]):
    shown = {each.metric for _, expression in expressions() for each in selected(expression)}
    assert not families.keys() - shown, "no alert and no dashboard shows it"


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_each_alert_says_what_it_is_and_leads_to_what_to_do(rule: dict[str, Any]):
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    headings = re.findall(r"^#+ (.+)$", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert rule["annotations"]["runbook"] in anchors


@pytest.mark.skipif(PROMTOOL is None, reason="there is no promtool on this machine (Debian: apt install prometheus)")
def test_promtool_finds_the_alerts_good_and_they_fire_when_they_should(tmp_path: Path):
    shutil.copy(ALERTS, tmp_path)
    shutil.copy(Path(__file__).with_name("alerts_test.yaml"), tmp_path)
    for command in (["check", "rules", "alerts.yaml"], ["test", "rules", "alerts_test.yaml"]):
        said = subprocess.run([str(PROMTOOL), *command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stdout + said.stderr


def test_each_alert_is_tried_in_both_ways_by_promtools_tests():
    tests = yaml.safe_load(Path(__file__).with_name("alerts_test.yaml").read_text(encoding="utf-8"))["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    names = {rule["alert"] for rule in alerts()}
    assert {case["alertname"] for case in cases if "exp_alerts" not in case} == names
    assert {case["alertname"] for case in cases if "exp_alerts" in case} == names


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_has_what_grafana_needs(dashboard: Path):
    found = panels(dashboard)
    datasource = yaml.safe_load(
        (FOLDER / "grafana" / "provisioning" / "datasources" / "prometheus.yaml").read_text(encoding="utf-8")
    )["datasources"][0]
    assert len({panel["id"] for panel in found}) == len(found) > 5
    for panel in found:
        assert panel["title"]
        for each in (panel, *panel["targets"]):
            assert each["datasource"] == {"type": "prometheus", "uid": datasource["uid"]}
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
