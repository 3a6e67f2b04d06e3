"""Tests of the demo district."""
