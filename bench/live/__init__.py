"""What a viewer of the live room costs, beside Janus and plain aiortc."""
