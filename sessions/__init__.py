"""Who watches what together, and where the film stands. Never imports streamer."""
