"""The tests of Seans."""
