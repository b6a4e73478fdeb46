"""The services between the rules and the wire: asyncio, no aiohttp."""
