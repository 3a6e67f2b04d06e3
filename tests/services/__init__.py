"""Tests of `ledger/services`, a file per module."""
