"""What is typed for targets and entries by hand."""
