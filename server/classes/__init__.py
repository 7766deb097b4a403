"""Classes: courses, their sessions, and who applies for them."""
