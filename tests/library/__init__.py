"""Tests of the library side."""
