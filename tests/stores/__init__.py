"""Tests of the stores side."""
