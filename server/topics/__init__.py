"""The topics that courses, contacts and logs share."""
