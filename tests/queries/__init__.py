"""Tests of `ledger/queries`, a file per module."""
