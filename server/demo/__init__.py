"""The demonstration city: real district centres, invented people and courses (P7)."""
