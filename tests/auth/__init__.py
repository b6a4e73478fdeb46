"""Tests of streamer.auth."""
