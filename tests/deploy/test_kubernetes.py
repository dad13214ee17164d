"""deploy/kubernetes/: valid by the schemas, whole in itself, and gentle at the end of a pod."""

import re
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from tests.deploy.compose_file import ROOT, compose, example

FOLDER = ROOT / "deploy" / "kubernetes"
VERSIONS = ("1.31", "1.33")
DRAIN_S = 5.0
"""Within so long a worker has given its replies back (docs/reliability.md)."""


def resources() -> list[dict[str, Any]]:
    """Every resource of every file."""
    return [
        resource
        for path in sorted(FOLDER.glob("*.yaml"))
        for resource in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def of_kind(*kinds: str) -> list[dict[str, Any]]:
    return [each for each in resources() if each["kind"] in kinds]


def named(resource: dict[str, Any]) -> str:
    return f"{resource['kind']} {resource['metadata']['name']}"


PODS = of_kind("Deployment", "StatefulSet", "Job")


def containers(resource: dict[str, Any]) -> list[dict[str, Any]]:
    return list(resource["spec"]["template"]["spec"]["containers"])


def is_ours(container: dict[str, Any]) -> bool:
    return "registry.example.org" in container["image"]


CONTAINERS = {
    f"{resource['metadata']['name']}-{container['name']}": (resource, container)
    for resource in PODS
    for container in containers(resource)
}
OURS = {name: each for name, each in CONTAINERS.items() if is_ours(each[1])}
SERVING = {name: each for name, each in CONTAINERS.items() if not name.startswith(("migrate", "inference-beat"))}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("resource", resources(), ids=named)
def test_it_fits_the_schemas(resource: dict[str, Any], version: str):
    kubernetes_validate.validate(resource, version, strict=True)


@pytest.mark.parametrize("resource", resources(), ids=named)
def test_everything_is_in_the_one_namespace(resource: dict[str, Any]):
    name = resource["metadata"]["name"] if resource["kind"] == "Namespace" else resource["metadata"]["namespace"]
    assert name == "oasst"


@pytest.mark.parametrize("resource", PODS, ids=named)
def test_a_selector_finds_its_own_pods(resource: dict[str, Any]):
    labels = resource["spec"]["template"]["metadata"]["labels"]
    if resource["kind"] != "Job":
        assert resource["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert labels["app.kubernetes.io/name"] == resource["metadata"]["name"]


@pytest.mark.parametrize("service", of_kind("Service"), ids=named)
def test_a_service_finds_pods_and_their_ports(service: dict[str, Any]):
    found = [
        each
        for each in PODS
        if service["spec"]["selector"].items() <= each["spec"]["template"]["metadata"]["labels"].items()
    ]
    assert len(found) == 1
    ports = {port["name"]: port["containerPort"] for each in containers(found[0]) for port in each["ports"]}
    for port in service["spec"]["ports"]:
        assert port.get("targetPort", port["port"]) in {*ports, *ports.values()}


def test_the_ingress_leads_to_a_service_and_waits_as_long_as_the_proxy_does():
    (ingress,) = of_kind("Ingress")
    (path,) = ingress["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"]["service"]["name"] in {each["metadata"]["name"] for each in of_kind("Service")}
    assert ingress["spec"]["rules"][0]["host"] in of_kind("ConfigMap")[0]["data"]["ALLOWED_HOSTS"].split(",")
    annotations = {key.rpartition("/")[2]: value for key, value in ingress["metadata"]["annotations"].items()}
    site = (ROOT / "docker" / "nginx" / "inference.conf").read_text(encoding="utf-8")
    for theirs, ours in (
        ("proxy-body-size", "client_max_body_size"),
        ("proxy-connect-timeout", "proxy_connect_timeout"),
        ("proxy-read-timeout", "proxy_read_timeout"),
        ("proxy-next-upstream", "proxy_next_upstream"),
    ):
        told = re.search(rf"^\s*{ours} ([^;]+);", site, re.MULTILINE)
        assert told is not None
        assert annotations[theirs] == (told[1].removesuffix("s") if "timeout" in theirs else told[1])


def test_the_configuration_names_settings_that_there_are():
    (config,) = of_kind("ConfigMap")
    secrets = re.findall(r"\b[A-Z]+_[A-Z_]+\b", (FOLDER / "config.yaml").read_text(encoding="utf-8"))
    known = example().keys() | {"API_KEY", "ALIVE_FILE"}
    assert config["data"].keys() <= known
    assert {name for name in secrets if not name.startswith("THE_")} <= known
    for resource in PODS:
        for container in containers(resource):
            if is_ours(container):
                assert {each["name"] for each in container.get("env", [])} <= known


@pytest.mark.parametrize(("resource", "container"), CONTAINERS.values(), ids=CONTAINERS)
def test_a_container_is_pinned_and_bounded_in_memory(resource: dict[str, Any], container: dict[str, Any]):
    assert re.search(r":v?\d+\.\d+\.?\d*", container["image"])
    assert "memory" in container["resources"]["limits"]
    assert {"cpu", "memory"} <= container["resources"]["requests"].keys()


@pytest.mark.parametrize(("resource", "container"), OURS.values(), ids=OURS)
def test_what_is_ours_runs_as_nobody_on_a_file_system_that_cannot_be_written(
    resource: dict[str, Any], container: dict[str, Any]
):
    context = resource["spec"]["template"]["spec"].get("securityContext", {}) | container["securityContext"]
    assert (context["runAsNonRoot"], context["runAsUser"]) == (True, 10001)
    assert context["readOnlyRootFilesystem"]
    assert not context["allowPrivilegeEscalation"]
    assert context["capabilities"]["drop"] == ["ALL"]
    assert "/tmp" in [mount["mountPath"] for mount in container["volumeMounts"]]


@pytest.mark.parametrize(("resource", "container"), SERVING.values(), ids=SERVING)
def test_whatever_serves_is_probed(resource: dict[str, Any], container: dict[str, Any]):
    assert "startupProbe" in container
    assert "livenessProbe" in container or "readinessProbe" in container
    if {"name": "ALIVE_FILE", "value": "/tmp/alive"} in container.get("env", []):
        assert "/tmp/alive" in " ".join(container["livenessProbe"]["exec"]["command"])


def test_our_health_is_never_asked_of_what_is_shared():
    """A probe that asks Redis, Postgres or the broker would end every process when one of them is away."""
    for resource in PODS:
        for container in containers(resource):
            if is_ours(container):
                for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                    assert "readyz" not in str(container.get(probe))
                    assert "celery" not in str(container.get(probe))


def test_a_pod_has_the_time_that_its_end_takes():
    for resource in of_kind("Deployment"):
        pod = resource["spec"]["template"]["spec"]
        waits = [
            float(each["lifecycle"]["preStop"]["exec"]["command"][1])
            for each in containers(resource)
            if "lifecycle" in each
        ]
        assert pod["terminationGracePeriodSeconds"] >= max(waits, default=0) + 2 * DRAIN_S


def test_an_engine_outlasts_its_workers_drain_and_asks_for_its_gpu():
    (pod,) = (each for each in of_kind("Deployment") if "nodeSelector" in each["spec"]["template"]["spec"])
    engine, worker = containers(pod)
    assert float(engine["lifecycle"]["preStop"]["exec"]["command"][1]) > DRAIN_S
    assert "lifecycle" not in worker
    assert engine["resources"]["limits"]["nvidia.com/gpu"] == 1
    assert pod["spec"]["template"]["spec"]["nodeSelector"] == {"nvidia.com/gpu.present": "true"}


def test_web_is_replaced_without_a_gap_and_beat_never_runs_twice():
    by_name = {each["metadata"]["name"]: each["spec"] for each in of_kind("Deployment")}
    assert by_name["inference-server"]["replicas"] >= 2
    assert by_name["inference-server"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert by_name["inference-maintenance"]["replicas"] == 2
    assert (by_name["inference-beat"]["replicas"], by_name["inference-beat"]["strategy"]["type"]) == (1, "Recreate")


def test_the_same_releases_run_as_with_docker():
    with_docker = {each["image"] for each in compose()["services"].values()}
    others = {each["image"] for resource in PODS for each in containers(resource) if not is_ours(each)}
    assert others <= with_docker


def test_the_files_are_all_told_of():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name in ("namespace.yaml", "config.yaml", "ingress.yaml", "engine.yaml"):
        assert name in page
