"""A house for each test of the services."""

from harness.house import clock, house, store

__all__ = ["clock", "house", "store"]
