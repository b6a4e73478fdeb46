"""Tests of the whole server, in a process of its own."""
