"""What a worker tells of its machine."""

import json
import platform

from workers.hardware import Hardware


def test_the_machine_is_told_in_plain_json():
    info = Hardware().info()
    assert json.loads(json.dumps(info)) == info
    assert info["uname_sysname"] == platform.system()
    assert info["cpu_count_logical"]
    assert info["mem_total"] > 0


def test_a_machine_without_nvidia_lists_no_gpu_and_one_with_it_lists_each():
    hardware = Hardware()
    info, metrics = hardware.info(), hardware.metrics()
    assert (info["nvidia_driver_version"] is None) == (info["gpus"] == [])
    assert len(metrics["gpus"]) <= len(info["gpus"])


def test_use_is_told_in_percent():
    metrics = Hardware().metrics()
    for share in (metrics["cpu_usage"], metrics["mem_usage"], metrics["swap_usage"]):
        assert 0 <= share <= 100
