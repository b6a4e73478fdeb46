"""Films by byte ranges."""
