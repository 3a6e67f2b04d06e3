"""The only package that writes SQL that changes anything: tables, engine, unit of work, group commit, stores.

Stores are modules of functions, one a concept. Each takes the unit of work first, reads with locks (rows sorted by id;
the unit of work itself has taken its turn before, see `unit_of_work.py`) and writes in sets: one statement a table.
"""
