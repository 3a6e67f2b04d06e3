"""Tests of `ledger/api/exporting`: the formats, without a database."""
