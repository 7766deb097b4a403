"""What is typed for programmes and records."""
