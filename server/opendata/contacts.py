"""Contacts of the helpdesk by month and topic, as anyone may have them: small numbers masked."""

from datetime import date, timedelta
from typing import Any

from server import clock
from server.helpdesk import counting, learning
from server.helpdesk.learning import Dimension
from server.helpdesk.masking import masked

Row = dict[str, Any]


async def monthly() -> list[Row]:
    """Every whole month since the first contact, with every topic that was ever asked about.

    A row has `fiscal_year` (T1), `month` (its first day), `topic` and `number`, None where it is
    below five: no contacts at all is not told from few. There is no total, and the present month
    waits until it is over, so that no difference says what is masked.
    """
    first_on = await counting.first_on()
    last_on = clock.today().replace(day=1) - timedelta(days=1)
    if first_on is None or first_on > last_on:
        return []
    columns = ("contact.contacted_on", "contact.topic")
    month_of = await learning.key_of(Dimension.month)
    topic_of = await learning.key_of(Dimension.topic)
    numbers: dict[tuple[date, int], int] = {}
    for row in await counting.added_up(columns, first_on, last_on):
        key = (month_of(row), topic_of(row))
        numbers[key] = numbers.get(key, 0) + row["number"]
    asked = {topic_id for _, topic_id in numbers}
    names = await learning.names_of(Dimension.topic)
    return [
        {
            "fiscal_year": clock.fiscal_year(month),
            "month": month,
            "topic": name,
            "number": masked(numbers.get((month, topic_id), 0)),
        }
        for month in learning.months(first_on, last_on)
        for topic_id, name in names.items()
        if topic_id in asked
    ]
