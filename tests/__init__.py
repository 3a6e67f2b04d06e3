"""The tests mirror the source: `tests/storage/test_tables.py` is about `ledger/storage/tables.py`.

Pure rules are tested without a database. Everything else runs on a real SQLite and a real PostgreSQL (`postgres.py`);
nothing of ours is replaced by a stand-in. A test's name is a statement that can be false.
"""
