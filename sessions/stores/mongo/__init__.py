"""Records and logs in a MongoDB database, beside the cinema's other services."""
