"""The film folder: what is in it, and whether browsers play it."""
