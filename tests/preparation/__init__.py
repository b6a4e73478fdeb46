"""Tests of streamer.preparation."""
