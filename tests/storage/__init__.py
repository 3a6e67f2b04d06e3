"""Tests of `ledger/storage`, a file per module."""
