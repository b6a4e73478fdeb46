"""The outside Auth service: where its keys come from, and how people get there and back."""
