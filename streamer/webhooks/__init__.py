"""Telling other services what happens to shows, as Standard Webhooks says."""
