"""Contacts of the helpdesk by month and topic, as anyone may have them: small numbers masked."""

from datetime import date, datetime, time
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.database.conditions import stood
from server.helpdesk import learning
from server.helpdesk.learning import Dimension
from server.helpdesk.masking import masked
from server.helpdesk.tables import Contact

Row = dict[str, Any]
Numbers = dict[tuple[date, int], int]

PUBLISHED_ON = 10  # the day of the next month on which a month is there


async def monthly() -> list[Row]:
    """Every published month, with every topic that had been asked about by its end.

    A row has `fiscal_year` (T1), `month` (its first day), `topic` and `number`, None where it is
    below five: no contacts at all is not told from few, but in the first month of a topic, which
    says that somebody had asked. There is no total. A month is published
    from the 10th of the next one on, as it was known when that day began (T5), and each contact
    under the topic that it was logged under. So its numbers never change, and no difference, of
    two topics that were merged or of a late entry, says what is masked. A fixed number of
    statements.
    """
    months = await _published()
    numbers = await _numbers(months)
    names = await learning.names_of(Dimension.topic)
    asked: set[int] = set()
    rows: list[Row] = []
    for month in months:
        asked |= {topic_id for each, topic_id in numbers if each == month}
        rows += [
            {
                "fiscal_year": clock.fiscal_year(month),
                "month": month,
                "topic": name,
                "number": masked(numbers.get((month, topic_id), 0)),
            }
            for topic_id, name in names.items()
            if topic_id in asked
        ]
    return rows


def published_at(month: date) -> datetime:
    """The instant from which on, and as of which, a month is there: the 10th of the next."""
    return clock.at(clock.month_after(month).replace(day=PUBLISHED_ON), time())


async def _published() -> list[date]:
    """The months that are there, from that of the first contact ever logged."""
    row = await Contact.select(Contact.contacted_on).order_by(Contact.contacted_on).first()
    if row is None:
        return []
    every = clock.months(row["contacted_on"], clock.today())
    return [month for month in every if published_at(month) <= clock.now()]


async def _numbers(months: list[date]) -> Numbers:
    """How many contacts each month had on each topic. One statement for all of them."""
    if not months:
        return {}
    parts = [
        QueryString(
            _MONTH.replace("PLACE", str(place)),
            *clock.month_days(month),
            stood("contact", published_at(month)),
        )
        for place, month in enumerate(months)
    ]
    query = QueryString(" UNION ALL ".join(["{}"] * len(parts)), *parts)
    rows = await Contact.raw("{}", query)
    return {(months[row["place"]], row["topic"]): int(row["number"]) for row in rows}


_MONTH = """
SELECT PLACE AS place, contact.topic AS topic, SUM(contact.number) AS number FROM contact
WHERE contact.contacted_on >= {} AND contact.contacted_on <= {} AND {}
GROUP BY contact.topic
"""
