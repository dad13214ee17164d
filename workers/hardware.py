"""The machine under a worker: what it has (told once) and how busy it is (told with every beat).

psutil for the host, NVML for NVIDIA GPUs. A machine without NVIDIA's driver lists no GPU. Field names are
Open-Assistant's.
"""

import logging
import platform
import warnings
from typing import Any, TypedDict

import psutil  # type: ignore[import-untyped]

with warnings.catch_warnings():
    # The old name of nvidia-ml-py says at every import that the new one exists; both carry the same module.
    warnings.filterwarnings("ignore", "The pynvml package is deprecated", FutureWarning)
    import pynvml

# Where /proc/vmstat tells nothing about swapping, as in many containers; the totals are right all the same.
warnings.filterwarnings("ignore", "'sin' and 'sout' swap memory stats", RuntimeWarning)

logger = logging.getLogger(__name__)


class GPUInfo(TypedDict):
    """One GPU. Memory in bytes."""

    name: str
    total_memory: int


class HardwareInfo(TypedDict):
    """What does not change. Frequencies in MHz, memory in bytes; None where the system does not tell."""

    uname_sysname: str
    uname_release: str
    uname_version: str
    uname_machine: str
    uname_processor: str
    cpu_count_physical: int | None
    cpu_count_logical: int | None
    cpu_freq_max: float | None
    cpu_freq_min: float | None
    mem_total: int
    swap_total: int
    nvidia_driver_version: str | None
    gpus: list[GPUInfo]


class GPUMetrics(TypedDict):
    """One GPU's load: use in percent of time, memory in percent of its own."""

    gpu_usage: float
    mem_usage: float


class Metrics(TypedDict):
    """What changes: percent of the whole machine."""

    cpu_usage: float
    mem_usage: float
    swap_usage: float
    gpus: list[GPUMetrics]


class Hardware:
    """A look at this machine. NVML is opened once; a GPU that fails later is left out of the metrics."""

    def __init__(self) -> None:
        self._gpus = _open_gpus()
        psutil.cpu_percent()  # the first call only starts the measurement

    def info(self) -> HardwareInfo:
        """What the machine has."""
        uname = platform.uname()
        frequency = _cpu_frequency()
        return {
            "uname_sysname": uname.system,
            "uname_release": uname.release,
            "uname_version": uname.version,
            "uname_machine": uname.machine,
            "uname_processor": uname.processor,
            "cpu_count_physical": psutil.cpu_count(logical=False),
            "cpu_count_logical": psutil.cpu_count(),
            "cpu_freq_max": frequency[0],
            "cpu_freq_min": frequency[1],
            "mem_total": psutil.virtual_memory().total,
            "swap_total": psutil.swap_memory().total,
            "nvidia_driver_version": _text(pynvml.nvmlSystemGetDriverVersion()) if self._gpus else None,
            "gpus": [
                {
                    "name": _text(pynvml.nvmlDeviceGetName(gpu)),
                    "total_memory": pynvml.nvmlDeviceGetMemoryInfo(gpu).total,
                }
                for gpu in self._gpus
            ],
        }

    def metrics(self) -> Metrics:
        """How busy the machine is, since the last call. Takes a millisecond, with many GPUs more: not for a loop."""
        return {
            "cpu_usage": psutil.cpu_percent(),
            "mem_usage": psutil.virtual_memory().percent,
            "swap_usage": psutil.swap_memory().percent,
            "gpus": [metrics for gpu in self._gpus if (metrics := _gpu_metrics(gpu)) is not None],
        }


def _open_gpus() -> list[Any]:
    try:
        pynvml.nvmlInit()
        return [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError as error:
        logger.info("No NVIDIA GPU to tell of: %s", error)
        return []


def _gpu_metrics(gpu: Any) -> GPUMetrics | None:
    try:
        memory = pynvml.nvmlDeviceGetMemoryInfo(gpu)
        use = pynvml.nvmlDeviceGetUtilizationRates(gpu)
    except pynvml.NVMLError:
        return None  # fell off the bus, or a kind that tells no use (MIG)
    return {"gpu_usage": float(use.gpu), "mem_usage": round(100 * memory.used / memory.total, 1)}


def _cpu_frequency() -> tuple[float | None, float | None]:
    try:
        frequency = psutil.cpu_freq()
    except (OSError, NotImplementedError, AttributeError):
        return None, None
    return (frequency.max or None, frequency.min or None) if frequency else (None, None)


def _text(value: str | bytes) -> str:
    """NVML's bindings told bytes in older versions."""
    return value.decode() if isinstance(value, bytes) else value
