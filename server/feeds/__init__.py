"""Calendar feeds for venues and residents."""
