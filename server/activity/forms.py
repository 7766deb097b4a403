"""What is typed into activity reports, and reports of trouble."""
