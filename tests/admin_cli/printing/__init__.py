"""Tests of tables and cells."""
