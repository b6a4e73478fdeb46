"""Live rooms for tests and benches: a small film, a viewer without a browser, a page."""
