"""Open data: what anyone may take away and use."""
