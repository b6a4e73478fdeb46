"""Films by byte ranges (RFC 9110 sections 13 and 14)."""
