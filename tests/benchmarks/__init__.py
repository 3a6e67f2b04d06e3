"""Benchmarks: ratios against a floor measured in the same run, on data of real size. Never part of the tests."""
