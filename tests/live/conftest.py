"""A house for each test of what is live."""

from harness.house import clock, house, store

__all__ = ["clock", "house", "store"]
