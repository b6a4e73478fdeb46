"""Tests of the services side."""
