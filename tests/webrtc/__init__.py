"""Tests of the live room's sender."""
