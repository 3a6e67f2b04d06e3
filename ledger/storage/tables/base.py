"""What every table is made of: the one `metadata`, and keys that begin with the programme."""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, MetaData, PrimaryKeyConstraint

metadata = MetaData()

PROGRAMME_ID_MAX = 999_999_999_999
"""GB/T 2260 codes have 6 digits, with street and community (GB/T 10114) 12."""


def programme_id() -> Column[Any]:
    return Column("programme_id", BigInteger, nullable=False)


def primary_key(table: str, *columns: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint("programme_id", *columns, name=f"pk_{table}")


def foreign_key(table: str, columns: list[str], target: str, target_columns: list[str]) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["programme_id", *columns],
        [f"{target}.programme_id", *(f"{target}.{column}" for column in target_columns)],
        name=f"fk_{table}_{'_'.join(columns)}",
    )
