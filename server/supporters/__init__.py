"""Supporters: applying, stages, pledge and insurance, the register."""
