"""The pure rules: standard library only; no asyncio, sockets or clock of its own."""
