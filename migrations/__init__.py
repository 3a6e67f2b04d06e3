"""Schema migrations, forward and back, on SQLite and PostgreSQL. Run by `points db upgrade`.

One concern each; every constraint has a name; nothing relies on transactional DDL. `tests/storage/test_migrations.py`
runs them on a filled database and compares the result with `ledger/storage/tables.py`.
"""
