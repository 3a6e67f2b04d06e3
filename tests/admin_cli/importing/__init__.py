"""Tests of the historical import's client side."""
