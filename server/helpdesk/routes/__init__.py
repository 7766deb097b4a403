"""The pages of the helpdesk and the counter."""

from typing import Any

from server.helpdesk.routes import (
    article_changes,
    articles,
    call_back,
    call_backs,
    completions,
    contact,
    contacts,
    counter_staff,
    demand,
    desk,
    desk_booking,
    desks,
    faq,
    hand_overs,
    learning,
    matches,
    memberships,
    promises,
    rates,
    staff_trainings,
    stumbles,
    tally,
    videos,
)

public: list[Any] = [*faq.handlers]
both: list[Any] = []
staff: list[Any] = [
    *article_changes.handlers,
    *articles.handlers,
    *call_back.handlers,
    *call_backs.handlers,
    *desk.handlers,
    *desk_booking.handlers,
    *desks.handlers,
    *hand_overs.handlers,
    *matches.handlers,
    *promises.handlers,
    *learning.handlers,
    *contact.handlers,
    *contacts.handlers,
    *demand.handlers,
    *stumbles.handlers,
    *tally.handlers,
    *completions.handlers,
    *counter_staff.handlers,
    *memberships.handlers,
    *rates.handlers,
    *staff_trainings.handlers,
    *videos.handlers,
]
