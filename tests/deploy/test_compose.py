"""docker/compose.yaml: valid, with the services that were promised, and safe as it stands."""

import re
import subprocess
import sys

import pytest

from tests.deploy.compose_file import DOCKER, FILE, compose, interpolated, services, switched_on

OURS = ("oasst-inference-server", "oasst-inference-worker", "oasst-inference-text-client", "oasst-inference-flower")
FOR_BOTH = {
    *("inference-db", "inference-redis", "inference-migrate", "inference-server", "inference-proxy"),
    *("inference-maintenance", "inference-beat", "inference-text-client"),
}


def test_it_fits_the_compose_specification():
    said = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr


def test_each_profile_has_its_services():
    assert set(services("inference")) == FOR_BOTH | {"inference-worker", "inference-text-generation-server"}
    assert set(services("demo")) == FOR_BOTH | {"inference-demo-worker", "inference-demo-engine"}
    assert set(services("observability")) == {"inference-prometheus", "inference-grafana", "inference-flower"}


def test_only_the_engine_reserves_a_gpu_and_the_demo_needs_none():
    with_gpu = {
        name
        for name, service in compose()["services"].items()
        if "devices" in service.get("deploy", {}).get("resources", {}).get("reservations", {})
    }
    assert with_gpu == {"inference-text-generation-server"}
    assert not with_gpu & set(services("demo"))


def test_the_text_client_can_be_attached_to():
    client = services("inference")["inference-text-client"]
    assert (client["stdin_open"], client["tty"]) == (True, True)


def test_redis_keeps_what_it_is_told_and_evicts_nothing():
    (command,) = (word for word in services("inference")["inference-redis"]["command"] if "valkey-server" in word)
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


@pytest.mark.parametrize("name", compose()["services"])
def test_each_service_is_watched_started_again_and_pinned(name: str):
    service = compose()["services"][name]
    if "build" not in service:
        assert re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)?$", service["image"]), f"{service['image']} may change any day"
        assert "healthcheck" in service
    assert service["restart"] in ("unless-stopped", "on-failure") or name == "inference-text-client"


@pytest.mark.parametrize(
    "name", [name for name, service in compose()["services"].items() if service.get("image") in OURS]
)
def test_what_is_ours_has_no_more_rights_than_it_needs(name: str):
    service = compose()["services"][name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_only_the_proxy_is_reached_from_other_machines():
    published = {
        name: [port for port in service["ports"] if not str(port).startswith("127.0.0.1:")]
        for name, service in compose()["services"].items()
        if "ports" in service
    }
    assert {name for name, ports in published.items() if ports} == {"inference-proxy"}


def test_no_secret_has_a_default():
    text = FILE.read_text(encoding="utf-8")
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "WORKER_API_KEY", "GRAFANA_PASSWORD"):
        assert f"${{{name}:-" not in text
        assert f"${{{name}:?" in text


def test_each_file_that_is_mounted_is_there():
    mounted = re.findall(r"^\s*- (\.{1,2}/[^:$]+):", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert mounted
    assert not [each for each in mounted if not (DOCKER / each).exists()]


def test_what_must_be_given_stands_in_the_example():
    required = set(re.findall(r"\$\{([A-Z0-9_]+):\?", FILE.read_text(encoding="utf-8")))
    assert required <= switched_on()
    assert required <= interpolated()
