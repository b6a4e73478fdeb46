"""The live rendition of a film: planned at once, made in segments where they are wanted."""
