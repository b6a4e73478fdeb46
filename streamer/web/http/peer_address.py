"""The address of a peer as rate limits count it."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

__all__ = ["counted_address"]


def counted_address(address: str) -> str:
    """Return what limits for each peer address count ``address`` as.

    A household has a whole /64 of IPv6 (RFC 6177), from which it may send by any of 2**64
    addresses; so that is what counts. An IPv4 address is the same whichever socket took it.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
