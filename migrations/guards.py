"""Append-only triggers and the zero-sum trigger: the second fence. The posting is right without them.

Alembic's batch_alter_table re-creates a table on SQLite and silently drops its triggers. A migration that alters a
guarded table must call `add_append_only` for it again; `tests/storage/test_migrations.py` lists the triggers.
"""

from alembic import op

APPEND_ONLY_TABLES = ("transactions", "entries", "events", "corrections")


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def add_append_only(table: str) -> None:
    """No row of the table can be changed or removed. PostgreSQL refuses TRUNCATE too."""
    if is_postgresql():
        op.execute(
            f"""
            CREATE FUNCTION refuse_change_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{table} is append-only: book a correction instead';
            END $$
            """
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change_of_{table}()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_{table}()"
        )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only_{event.lower()} BEFORE {event} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: book a correction instead'); END"
        )


def drop_append_only(table: str) -> None:
    if is_postgresql():
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        op.execute(f"DROP FUNCTION refuse_change_of_{table}()")
        return
    for event in ("update", "delete"):
        op.execute(f"DROP TRIGGER {table}_append_only_{event}")


def add_zero_sum() -> None:
    """PostgreSQL only: at commit each new entry's transaction balances, per commodity and per leg.

    Deferred, because a transaction's entries are not all there when the first is. It fires per entry; on SQLite, which
    has no deferred triggers, the posting machine and the audit stand alone.
    """
    if not is_postgresql():
        return
    op.execute(
        """
        CREATE FUNCTION refuse_unbalanced_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT 1
                FROM entries e
                JOIN accounts a ON a.programme_id = e.programme_id AND a.id = e.account_id
                WHERE e.programme_id = NEW.programme_id AND e.transaction_id = NEW.transaction_id
                GROUP BY e.leg, a.commodity
                HAVING sum(e.side * e.amount) <> 0
            ) THEN
                RAISE EXCEPTION 'transaction % does not balance', NEW.transaction_id;
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER entries_zero_sum AFTER INSERT ON entries "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_transaction()"
    )


def add_zero_sum_by_statement() -> None:
    """PostgreSQL only: the entries that one statement inserts balance among themselves, per transaction, leg and
    commodity.

    Once a statement, for all its entries together: the deferred trigger of before, once an entry, took more time than
    everything else in a commit (0.4 of 1.0 ms per award in batches of 128). It is also stricter: a transaction cannot
    come in two halves.
    """
    if not is_postgresql():
        return
    op.execute(
        """
        CREATE FUNCTION refuse_unbalanced_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            unbalanced uuid;
        BEGIN
            SELECT e.transaction_id INTO unbalanced
            FROM new_entries e
            JOIN accounts a ON a.programme_id = e.programme_id AND a.id = e.account_id
            GROUP BY e.programme_id, e.transaction_id, e.leg, a.commodity
            HAVING sum(e.side * e.amount) <> 0
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'transaction % does not balance', unbalanced;
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER entries_zero_sum AFTER INSERT ON entries REFERENCING NEW TABLE AS new_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_transaction()"
    )


def drop_zero_sum() -> None:
    if not is_postgresql():
        return
    op.execute("DROP TRIGGER entries_zero_sum ON entries")
    op.execute("DROP FUNCTION refuse_unbalanced_transaction()")
