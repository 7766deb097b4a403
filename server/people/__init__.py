"""People: one human being, found again however the name is written."""
