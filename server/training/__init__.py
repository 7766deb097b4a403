"""Programmes, their requirements, and what each person has done of them."""
