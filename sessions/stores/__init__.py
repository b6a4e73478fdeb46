"""What is kept: one Protocol, and the engines behind it."""
