"""What is open: shows that people are in, and the links that they are in by."""
