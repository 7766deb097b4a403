"""The pages of classes: for residents, and for the staff who run them."""

from server.classes.routes import bookings, found
from server.classes.routes import public as looking

public = [*looking.handlers, *bookings.handlers, *found.handlers]
