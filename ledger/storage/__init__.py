"""The only package that writes SQL that changes anything: tables, engine, unit of work, group commit, a store a concept.

Stores are modules of functions. Each takes the unit of work first, reads with locks in one fixed order (riders, reports,
standings, accounts; rows sorted by id) and writes in sets: one statement a table and batch.
"""
