"""Tests of `ledger/domain`, a file per module."""
