"""Accounts: signing in, roles, failed tries."""
