"""Lookups find what they are asked for, within their programme, and by an index of the column they look in."""

import pkgutil
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

import ledger.storage
from ledger.storage.lookups import Lookup
from ledger.storage.riders import RIDERS_BY_CODE, RIDERS_BY_ID
from ledger.storage.types import Id
from tests.storage.test_unit_of_work import unit
from tests.world import PROGRAMME_ID, World

LOOKUPS = {
    f"{module.name}.{name}": lookup
    for module in pkgutil.iter_modules(ledger.storage.__path__)
    for name, lookup in vars(import_module(f"ledger.storage.{module.name}")).items()
    if isinstance(lookup, Lookup)
}


def test_rows_are_found_by_any_of_the_values_and_in_their_programme_alone(world: World) -> None:
    for code in ("R00001", "R00002", "R00003"):
        world.enroll(code)
    with unit(world) as uow:
        assert {row.code for row in RIDERS_BY_CODE.rows(uow, {"R00001", "R00003", "R99999"})} == {"R00001", "R00003"}
        assert [row.code for row in RIDERS_BY_ID.rows(uow, [world.rider_id("R00002")])] == ["R00002"]
        assert not RIDERS_BY_CODE.rows(uow, [])
    with unit(world, programme_id=PROGRAMME_ID + 1) as uow:
        assert not RIDERS_BY_CODE.rows(uow, ["R00001"])


@pytest.mark.parametrize("name", LOOKUPS)
def test_sqlite_looks_up_by_an_index_of_the_columns(name: str, world: World) -> None:
    """Not by one that has the order wanted, through the whole programme: it did so with more than a few values."""
    if not world.runtime.database.is_sqlite:
        pytest.skip("PostgreSQL plans by its statistics; its writer never reads a table from end to end")
    lookup = LOOKUPS[name]
    values = [[UUID(int=n) if isinstance(column.type, Id) else str(n) for n in range(200)] for column in lookup.by]
    sent: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    with unit(world) as uow:
        event.listen(uow.connection, "before_cursor_execute", keep)
        lookup.rows(uow, *values, actor="operator/reviewer", since="2026-03", month="2026-03")
        statement, parameters = sent[-1]
        plan = [row.detail for row in uow.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert any(all(f"{column.name}=?" in step for column in lookup.by) for step in plan), plan
