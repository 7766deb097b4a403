"""Counter staff: their sections, their trainings, and who has completed which."""
