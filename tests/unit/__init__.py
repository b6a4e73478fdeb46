"""Tests of the unit side."""
