"""What supporters did: reports, approvals, their own pages."""
