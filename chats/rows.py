"""Rows and the models that they are, for statements that are put together once.

Django makes each query anew, which takes this process several times as long as asking Postgres. What every request asks
for is asked by statements that stand here or beside their verbs; what they find is the model that a query would give.
"""

from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


class Shape(Generic[M]):
    """A model's columns, in the order in which its rows are read and written here."""

    def __init__(self, model: type[M]) -> None:
        self.model = model

    @cached_property
    def table(self) -> str:
        """The table's name, quoted."""
        return connection.ops.quote_name(self.model._meta.db_table)

    @cached_property
    def columns(self) -> list[str]:
        """The names of the columns, quoted."""
        return [connection.ops.quote_name(field.column) for field in self._fields]

    @cached_property
    def names(self) -> list[str]:
        """The attributes that hold the columns, which also name them in `values`."""
        return [field.attname for field in self._fields]

    @property
    def qualified(self) -> str:
        """The columns with their table, for a list after SELECT or RETURNING."""
        return ", ".join(f"{self.table}.{column}" for column in self.columns)

    def values(self, instance: M) -> dict[str, Any]:
        """What is stored of a new instance, by the names of its attributes."""
        return {
            field.attname: field.get_db_prep_save(field.pre_save(instance, True), connection) for field in self._fields
        }

    def instance(self, row: tuple[Any, ...]) -> M:
        """The model of a row that was read."""
        values = list(row)
        for place, field in self._converted:
            values[place] = field.from_db_value(values[place], None, connection)
        return self.model.from_db(connection.alias, self.names, values)

    def is_stored(self, instance: M) -> M:
        """The instance itself, which from now on is known to have a row."""
        instance._state.adding = False
        instance._state.db = connection.alias
        return instance

    @cached_property
    def _fields(self) -> list[Any]:
        return list(self.model._meta.concrete_fields)

    @cached_property
    def _converted(self) -> list[tuple[int, Any]]:
        """The fields, each with its place, that read what the driver gives before the model has it, as JSON."""
        return [(at, field) for at, field in enumerate(self._fields) if hasattr(field, "from_db_value")]


class RowBy(Generic[M]):
    """Finds the row of a model that has these values in these columns, together no more than one.

    The values are what the driver takes for the columns, as a UUID for an id; none of them is None.
    """

    def __init__(self, model: type[M], *columns: str) -> None:
        self._shape = Shape(model)
        self._columns = columns

    def get(self, *values: UUID | str) -> M | None:
        """The row, None when there is none."""
        with connection.cursor() as cursor:
            cursor.execute(self._select, values)
            row = cursor.fetchone()
        return None if row is None else self._shape.instance(row)

    @cached_property
    def _select(self) -> str:
        condition = " AND ".join(f"{connection.ops.quote_name(column)} = %s" for column in self._columns)
        return f"SELECT {self._shape.qualified} FROM {self._shape.table} WHERE {condition}"
