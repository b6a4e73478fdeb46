"""Peers, lines and relays for the live room: what its tests and benches share."""
