"""All faults of the suite, by how many of them can strike at a time."""

from tests.chaos.engine_faults import ENGINE_FAULTS, ENGINE_REPLIES
from tests.chaos.outage_faults import OUT_OF_MEMORY, OUTAGES
from tests.chaos.reader_faults import READER_FAULTS
from tests.chaos.scene import Fault
from tests.chaos.server_faults import SERVER_FAULTS
from tests.chaos.storm import STORM
from tests.chaos.worker_faults import RACES, WORKER_FAULTS

OF_THE_STACK: tuple[Fault, ...] = (*WORKER_FAULTS, *SERVER_FAULTS, *ENGINE_FAULTS, OUT_OF_MEMORY)
"""Each of these hits everything that runs: one at a time."""

OF_THE_STACK_AND_LONG: tuple[Fault, ...] = (*OUTAGES, STORM)
"""For the long form only."""

OF_ONE_REPLY: tuple[Fault, ...] = (*ENGINE_REPLIES, *READER_FAULTS, *RACES)
"""These concern their own replies only and strike side by side."""
