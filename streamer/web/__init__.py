"""The HTTP and WebSocket edge: handlers parse, ask a service, answer."""
