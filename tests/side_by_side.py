"""How the tests are shared among several processes (`pytest -n auto`): who stays together, and what begins first.

Each process has servers of its own (tests/conftest.py). The tests of one stack stay in one process, one after the
other, so that it is started once. The tests of a file stay together too, in their order.
"""

from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

TESTS = Path(__file__).parent
FOLDERS = ("chaos", "browser", "live/workers")
"""Each of these has a stack of its own for all of its tests."""

STACK = "one_machine_stack"
"""The fixture of the stack that tests of any folder use."""

BEGIN_FIRST = (
    "chaos",
    "browser",
    "live/workers",
    STACK,
    "tests/oasst_site/stack/test_up.py",
    "tests/live/rabbitmq/test_broker.py",
    "tests/docs/test_tutorial.py",
    "tests/live/test_compose_played.py",
    "tests/docker/test_full_dev_setup.py",
    "tests/docs/test_several_terminals.py",
    "tests/requirements/test_install.py",
    "tests/oasst_site/stack/test_refusals.py",
    "tests/oasst_site/test_deployment.py",
)
"""The groups that last, the longest first, so that no process is left alone with one of them at the end."""

FEW = 2
"""A process that has so many tests left is given the next group."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> "ByGroup":
    """Whoever is done takes the next group. xdist's own `loadgroup` does not work with pytest 9."""
    config.option.loadscopereorder = False
    return ByGroup(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long groups first. Where all tests run in one process their order stays as it is."""
    if hasattr(config, "workerinput"):
        order = {name: place for place, name in enumerate(BEGIN_FIRST)}
        items.sort(key=lambda item: order.get(group(item.nodeid), len(order)))


class ByGroup(LoadScopeScheduling):
    """Hands out whole groups. What a process that died has left is done by others, but for the test that it died of."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)

    def remove_node(self, node: WorkerController) -> str | None:
        """The test that the process died of, if it died: it has failed. xdist's own would begin it again and again."""
        groups = self.assigned_work.pop(node)
        left = [(tests, test) for tests in groups.values() for test, is_done in tests.items() if not is_done]
        if not left:
            return None
        tests, died_of = left[0]
        tests[died_of] = True
        self.workqueue.update((name, tests) for name, tests in groups.items() if not all(tests.values()))
        for other in self.nodes:
            self._reschedule(other)
        return died_of

    def _reschedule(self, node: WorkerController) -> None:
        """A process begins a test only when it knows the next one, or that there is none. xdist's own leaves one that
        came late, for one that died, with a group of a single test, and falls over one that is still collecting.
        """
        if node not in self.registered_collections:
            return
        while not node.shutting_down and self._pending_of(self.assigned_work[node]) <= FEW:
            if self.workqueue:
                self._assign_work_unit(node)
            else:
                node.shutdown()


def group(nodeid: str) -> str:
    """The tests with the same answer run in one process."""
    return _group_of(nodeid.partition("::")[0])


@cache
def _group_of(file: str) -> str:
    path = TESTS.parent / file
    for folder in FOLDERS:
        if TESTS / folder in path.parents:
            return folder
    # Where the tests are handed out nothing is known of them but their ids.
    nearby = [each for each in (path, path.parent / "conftest.py") if each.parent != TESTS and each.exists()]
    return STACK if any(STACK in each.read_text(encoding="utf-8") for each in nearby) else file
