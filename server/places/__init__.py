"""Places: the municipality, its sections, districts, venues and rooms."""
