"""The audit: everything that is written down, checked against everything that must be so. Source: hard-cases.md,
Invariants.

`checks.py` is the table of what is checked, `run.py` goes through it. A check is one small `validate_*` function in
the module of what it looks at: it takes `Books`, asks the database for the rows that break one invariant, and yields
what is wrong with each. Findings are values, so one run reports them all. Nothing here trusts the posting engine: sums
are built from the rows.

Memory is bounded by construction: the database answers violations only, a check goes over its table in windows of ids,
and what cannot be said in SQL is a merge of two ordered streams.

What an audit cannot see: a whole programme replaced by another consistent one, and the last units of work cut off
without a trace. That takes something published elsewhere.
"""
