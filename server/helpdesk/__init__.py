"""Contacts, call-backs, answers, counter staff and terminals."""
