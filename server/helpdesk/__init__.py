"""Contacts, call-backs, answers and terminals."""
