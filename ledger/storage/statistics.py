"""Fresh planner statistics while a young database grows fast. PostgreSQL only; SQLite plans without them.

Every index begins with the programme, so without statistics the planner takes any of them for equally good: an import
into a new database ran at a tenth of its speed until autovacuum came by. The writer therefore asks now and then, ever
more rarely, and analyzes only tables of which half is new.
"""

from sqlalchemy import Engine, text

FIRST_AFTER_ITEMS = 1_000
"""Items after which the statistics are looked at for the first time; then after twice as many, and so on."""

_STALE_TABLES = text(
    """
    SELECT relname
    FROM pg_stat_user_tables
    WHERE schemaname = current_schema()
      AND n_mod_since_analyze > 500 + n_live_tup / 2
    ORDER BY relname
    """
)


class Statistics:
    """Counts written items and refreshes the statistics at 1,000, 2,000, 4,000 … of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._items = 0
        self._next_at = FIRST_AFTER_ITEMS

    def count(self, items: int) -> None:
        self._items += items
        if self._items < self._next_at:
            return
        self._next_at *= 2
        if self._engine.dialect.name == "postgresql":
            self._refresh()

    def _refresh(self) -> None:
        with self._engine.connect() as connection:
            quote = connection.dialect.identifier_preparer.quote
            for table in connection.scalars(_STALE_TABLES).all():
                connection.execute(text(f"ANALYZE {quote(table)}"))
            connection.commit()
