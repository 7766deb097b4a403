"""The pages of classes: for residents, and for the staff who run them."""

from server.classes.routes import (
    bookings,
    done,
    found,
    staff_bookings,
    staff_course,
    staff_courses,
    staff_drafts,
    staff_finding,
    staff_sessions,
    staffing,
    staffing_session,
    staffing_teaching,
)
from server.classes.routes import public as looking
from server.classes.routes import staff as overseeing

public = [*looking.handlers, *bookings.handlers, *done.handlers, *found.handlers]
staff = [
    *overseeing.handlers,
    *staff_course.handlers,
    *staff_courses.handlers,
    *staff_sessions.handlers,
    *staff_drafts.handlers,
    *staff_bookings.handlers,
    *staff_finding.handlers,
    *staffing.handlers,
    *staffing_session.handlers,
    *staffing_teaching.handlers,
]
