"""Notices: one message to one person about one occasion."""
