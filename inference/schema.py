"""The version of the work that is asked of workers, so that old and new processes can run side by side.

It counts up whenever a worker that ignores what it does not know would give a wrong reply. Tickets carry it in a
header, work parameters as `schema_version`; absent means 1. A worker leaves a newer one to those that know it.
"""

from typing import Final

WORK_SCHEMA: Final = 1

SCHEMA_FIELD: Final = "schema_version"
"""In a message's work parameters, from version 2 on."""

SCHEMA_HEADER: Final = "work_schema"
"""Of a ticket."""


def is_known(version: object) -> bool:
    """Whether work of this version can be done here."""
    return version is None or (isinstance(version, int) and 1 <= version <= WORK_SCHEMA)
