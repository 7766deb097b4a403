"""An iCalendar file of class sessions (RFC 5545, RFC 7986): the same bytes for the same data."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from icalendar import Calendar, Event, Timezone
from icalendar.enums import STATUS

from server import clock
from server.classes.tables import CourseKind
from server.feeds.queries import Session
from server.refusals import N_
from server.settings import settings
from server.web.words import gettext, speaking

REFRESH = timedelta(hours=1)
EVENTS_KEPT = 8192

KIND_WORDS: dict[str, str] = {
    CourseKind.smartphone: N_("Smartphone class"),
    CourseKind.online_meeting: N_("Online meeting class"),
    CourseKind.consultation: N_("Consultation"),
    CourseKind.supporter_training: N_("Supporter training"),
}


class Feed(NamedTuple):
    """What a calendar says of itself: its name, its own address, and a page about it."""

    name: str
    url: str
    page: str
    invented: bool = False  # the demonstration city says so in every event (P7)


def calendar(feed: Feed, sessions: Iterable[Session]) -> bytes:
    """The file: CRLF, folded at 75 octets, one VEVENT a session, no METHOD."""
    head = _head(feed)
    tail = b"END:VCALENDAR\r\n"
    assert head.endswith(tail)
    events = b"".join(_event(session, feed.invented) for session in sessions)
    return head.removesuffix(tail) + events + tail


def _head(feed: Feed) -> bytes:
    made = Calendar.new(
        name=feed.name,
        prodid="-//Tonari//Classes//JA",
        url=feed.page,
    )
    made.pop("UID", None)  # a random one by default, and no program asks for it
    made.add("SOURCE", feed.url, parameters={"VALUE": "URI"})
    made.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("X-WR-TIMEZONE", settings().time_zone)
    made.add("X-PUBLISHED-TTL", "PT1H")
    made.add_component(_time_zone())
    made_bytes: bytes = made.to_ical()
    return made_bytes


@cache
def _time_zone() -> Timezone:
    """A short VTIMEZONE: Outlook asks for one, and stumbles over a zone's whole history."""
    made = Timezone.from_tzid(settings().time_zone)
    made.pop("COMMENT", None)
    return made


@lru_cache(EVENTS_KEPT)
def _event(session: Session, invented: bool) -> bytes:
    """One VEVENT; made once, because it shows nothing but its arguments."""
    with speaking(settings().locale):
        made = Event.new(
            uid=session.uid,
            stamp=session.changed_at,
            last_modified=session.changed_at,
            sequence=session.sequence,
            start=clock.local(session.starts_at),
            end=clock.local(session.ends_at),
            status=STATUS.CANCELLED if session.called_off_at else STATUS.CONFIRMED,
            summary=_summary(session),
            description=_description(session, invented),
            location=_location(session),
            categories=[gettext(KIND_WORDS[session.kind])],
            url=_url(session),
        )
    if session.latitude is not None and session.longitude is not None:
        made.add("GEO", (session.latitude, session.longitude))
    made_bytes: bytes = made.to_ical()
    return made_bytes


def _summary(session: Session) -> str:
    title = session.title
    if session.session_count > 1:
        title = gettext("{title}, part {number}").format(title=title, number=session.number)
    if session.called_off_at:
        title = gettext("[Called off] {title}").format(title=title)
    return title


def _description(session: Session, invented: bool) -> str:
    lines = [gettext("Sample (invented data)")] if invented else []
    if session.called_off_at:
        said = gettext("This session has been called off. {reason}")
        lines.append(said.format(reason=session.called_off_reason).strip())
    lines.append(session.description)
    for label, words in (
        (gettext("For whom"), session.audience),
        (gettext("What to bring"), session.bring),
    ):
        lines += [gettext("{label}: {words}").format(label=label, words=words)] if words else []
    lines.append(_url(session))  # Google shows no URL of its own
    return "\n".join(line for line in lines if line)


def _url(session: Session) -> str:
    return f"{settings().base_url}/courses/{session.course_id}"


def _location(session: Session) -> str:
    place = " ".join(filter(None, [session.venue_name, session.room_name]))
    with_address = gettext("{name} ({more})").format(name=place, more=session.address)
    return with_address if session.address else place
