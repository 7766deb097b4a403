"""Audit: who did and saw what."""
