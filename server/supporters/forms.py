"""What is typed by applicants and coordinators about supporters."""
