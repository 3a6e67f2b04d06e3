"""Whole stories: what must never go wrong, each as one test."""
