"""What tests and benches share: servers, films, rooms, samples."""
