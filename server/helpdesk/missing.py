"""What no article answered: each contact stands until one is written for it, or none is to be."""

from dataclasses import dataclass
from typing import Any

from piccolo.querystring import QueryString

from server import clock
from server.audit import entries
from server.database import locked, writing
from server.database.conditions import among
from server.helpdesk import desks, queries
from server.helpdesk.articles import check_may_edit
from server.helpdesk.matches import family
from server.helpdesk.queries import ContactFilters
from server.helpdesk.tables import MissingSettled
from server.roles import Actor
from server.topics import procedures, topics

Row = dict[str, Any]

MOST_SHOWN = 200  # contacts one by one
CANDIDATES = 10  # articles that may already say it
LATEST = 20
ANY = ContactFilters()


@dataclass(frozen=True)
class Picked:
    """Contacts of one line that somebody has picked.

    `ids` were ticked. What nobody writes about yet is picked too: all as far as the entry
    `until`, and those without a note as far as `unnoted_until`; later ones nobody has seen.
    """

    topic_id: int
    procedure_id: int | None
    ids: tuple[int, ...] = ()
    until: int = 0
    unnoted_until: int = 0


async def lines(readable: ContactFilters = ANY) -> list[Row]:
    """The list of articles to write, what is asked most first (H3).

    By topic and procedure, merged ones where they count, the `readable` contacts (P1) that stand:
    those that no published article was written for and that were not set aside. Each with
    `number` asked, `last_on`, how many entries they are (`contacts`), how many of these have a
    note (`noted`) and how many a draft is to answer (`drafted`; `draft`, `draft_question`: the
    newest), how many are left without either (`unnoted`), the last entry (`newest`), and the
    names. Three statements.
    """
    found = await MissingSettled.raw("{}", QueryString(_LINES, queries.fits(readable)))
    rows = await _named(found)
    return sorted(rows, key=lambda row: (-row["number"], row["topic"], row["procedure"] or 0))


async def standing(topic_id: int, procedure_id: int | None, readable: ContactFilters) -> list[Row]:
    """The `readable` contacts of a line (P1), with a note first, then the newest; at most 200.

    Day, number, note, desk, and the draft that is to answer it.
    """
    query = QueryString(_ENTRIES, queries.fits(readable), topic_id, procedure_id or 0, MOST_SHOWN)
    rows: list[Row] = await MissingSettled.raw("{}", query)
    return rows


async def candidates(topic_id: int, procedure_id: int | None) -> list[Row]:
    """Articles and drafts on the topic that may say it after a change, same procedure first."""
    own, _ = await family(topic_id)
    query = QueryString(_CANDIDATES, among("article.topic", own), procedure_id or 0, CANDIDATES)
    rows: list[Row] = await MissingSettled.raw("{}", query)
    return rows


async def answer(article_id: int, picked: Picked, *, by: Actor) -> None:
    """The article was written for these contacts: once it is published, they stand no more.

    Belongs inside the change that saves the article. What somebody else has settled in the
    meantime stays as it is, and so do contacts that are not hers to read (P1).
    """
    async with writing():
        contacts = [row["contact"] for row in await _settle(picked, article_id, by)]
        if contacts:
            await entries.record(
                "missing.answered", "article", article_id, by=by, contacts=contacts
            )


async def set_aside(picked: Picked, *, by: Actor) -> int | None:
    """No article is to be written for these contacts. Returns what `put_back` takes.

    None where nothing of it stands any more or is hers to read (P1). Refused for whoever writes
    no articles.
    """
    async with writing():
        check_may_edit(by)
        rows = await _settle(picked, None, by)
        if not rows:
            return None
        contacts = [row["contact"] for row in rows]
        await entries.record(
            "missing.set_aside", "topic", picked.topic_id, by=by, contacts=contacts
        )
        return max(int(row["id"]) for row in rows)


async def put_back(settled_id: int, *, by: Actor) -> None:
    """Undo: what was settled together with this stands again. Twice does nothing more."""
    async with writing():
        check_may_edit(by)
        await locked("missing")
        rows = await MissingSettled.raw(_TOGETHER, settled_id)
        ids = [row["id"] for row in rows]
        if ids:
            await MissingSettled.delete().where(MissingSettled.id.is_in(ids))
            contacts = [row["contact"] for row in rows]
            await entries.record("missing.put_back", "contact", ids[0], by=by, contacts=contacts)


async def latest() -> list[Row]:
    """What was settled last, newest first, one row for each time.

    With `id`, `number` asked, when and by whom, topic and procedure, and the article: none where
    it was set aside. Three statements.
    """
    return await _named(await MissingSettled.raw(_LATEST, LATEST))


async def number_behind(article_id: int) -> int:
    """How many contacts that nothing had answered an article was written for."""
    rows = await MissingSettled.raw(_BEHIND, article_id)
    return int(rows[0]["number"] or 0)


async def _named(rows: list[Row]) -> list[Row]:
    names, below = await topics.names(), await procedures.names()
    return [
        row
        | {"topic_name": names[row["topic"]]}
        | {"procedure_name": below[row["procedure"]] if row["procedure"] else ""}
        for row in rows
    ]


async def _settle(picked: Picked, article_id: int | None, by: Actor) -> list[Row]:
    """Settle what stands among the picked and is hers to read (P1).

    Also what another draft was to answer.
    """
    await locked("missing")
    query = QueryString(
        _SETTLE,
        queries.fits(desks.readable(ANY, by)),
        article_id,
        clock.now(),
        by.id,
        picked.topic_id,
        picked.procedure_id or 0,
        among("contact.id", list(picked.ids)),
        picked.until,
        picked.unnoted_until,
    )
    rows: list[Row] = await MissingSettled.raw("{}", query)
    return rows


# A draft that was retired answers nobody any more: what it was written for is as it was before.
_STANDING = """
WITH standing (id, topic, procedure, draft) AS (
    SELECT contact.id, COALESCE(topic.merged_into, topic.id),
        COALESCE(procedure.merged_into, procedure.id, 0),
        CASE WHEN article.retired_at IS NULL THEN article.id END
    FROM contact JOIN topic ON topic.id = contact.topic
    LEFT JOIN procedure ON procedure.id = contact.procedure
    LEFT JOIN missing_settled ON missing_settled.contact = contact.id
    LEFT JOIN article ON article.id = missing_settled.article
    WHERE contact.answer_missing AND contact.voided_at IS NULL
        AND (missing_settled.id IS NULL
            OR (article.id IS NOT NULL AND article.published_at IS NULL))
        AND {}
)
"""

# The day is that of a whole row, the latest of each line: SQLite knows no date in a MAX.
_LINES = f"""{_STANDING}
SELECT counted.topic, NULLIF(counted.procedure, 0) AS procedure, counted.number, counted.contacts,
    counted.noted, counted.drafted, counted.unnoted, counted.newest, counted.draft,
    draft.question AS draft_question, contact.contacted_on AS last_on
FROM (
    SELECT standing.id, standing.topic, standing.procedure,
        SUM(contact.number) OVER line AS number, COUNT(*) OVER line AS contacts,
        COUNT(standing.draft) OVER line AS drafted, MAX(standing.draft) OVER line AS draft,
        MAX(standing.id) OVER line AS newest,
        SUM(CASE WHEN contact.note <> '' THEN 1 ELSE 0 END) OVER line AS noted,
        SUM(CASE WHEN contact.note = '' AND standing.draft IS NULL THEN 1 ELSE 0 END)
            OVER line AS unnoted,
        ROW_NUMBER() OVER (
            PARTITION BY standing.topic, standing.procedure
            ORDER BY contact.contacted_on DESC, contact.id DESC
        ) AS place
    FROM standing JOIN contact ON contact.id = standing.id
    WINDOW line AS (PARTITION BY standing.topic, standing.procedure)
) AS counted
JOIN contact ON contact.id = counted.id
LEFT JOIN article AS draft ON draft.id = counted.draft
WHERE counted.place = 1
"""  # noqa: S608

_ENTRIES = f"""{_STANDING}
SELECT contact.id, contact.contacted_on, contact.number, contact.note, desk.name AS desk_name,
    standing.draft, draft.question AS draft_question
FROM standing JOIN contact ON contact.id = standing.id JOIN desk ON desk.id = contact.desk
LEFT JOIN article AS draft ON draft.id = standing.draft
WHERE standing.topic = {{}} AND standing.procedure = {{}}
ORDER BY CASE WHEN contact.note <> '' THEN 0 ELSE 1 END, contact.contacted_on DESC,
    contact.id DESC
LIMIT {{}}
"""  # noqa: S608

_CANDIDATES = """
SELECT article.id, article.question, article.published_at
FROM article LEFT JOIN procedure ON procedure.id = article.procedure
WHERE {} AND article.retired_at IS NULL
ORDER BY CASE WHEN COALESCE(procedure.merged_into, procedure.id, 0) = {} THEN 0 ELSE 1 END,
    article.id DESC LIMIT {}
"""

_SETTLE = f"""
INSERT INTO missing_settled (contact, article, settled_at, settled_by)
{_STANDING}
SELECT standing.id, {{}}, {{}}, {{}}
FROM standing JOIN contact ON contact.id = standing.id
WHERE standing.topic = {{}} AND standing.procedure = {{}}
    AND ({{}} OR (standing.draft IS NULL
        AND (standing.id <= {{}} OR (contact.note = '' AND standing.id <= {{}}))))
ON CONFLICT (contact) DO UPDATE SET article = excluded.article,
    settled_at = excluded.settled_at, settled_by = excluded.settled_by
RETURNING id, contact
"""  # noqa: S608

_TOGETHER = """
SELECT same.id, same.contact FROM missing_settled
JOIN missing_settled AS same ON same.settled_at = missing_settled.settled_at
    AND COALESCE(same.settled_by, 0) = COALESCE(missing_settled.settled_by, 0)
    AND COALESCE(same.article, 0) = COALESCE(missing_settled.article, 0)
WHERE missing_settled.id = {}
"""

_LATEST = """
SELECT settled.id, settled.number, missing_settled.settled_at, account.name AS settled_by_name,
    contact.topic, contact.procedure, article.id AS article, article.question,
    article.published_at
FROM (
    SELECT MAX(missing_settled.id) AS id, SUM(contact.number) AS number
    FROM missing_settled JOIN contact ON contact.id = missing_settled.contact
    WHERE contact.voided_at IS NULL
    GROUP BY missing_settled.settled_at, missing_settled.settled_by, missing_settled.article
    ORDER BY 1 DESC LIMIT {}
) AS settled
JOIN missing_settled ON missing_settled.id = settled.id
JOIN contact ON contact.id = missing_settled.contact
LEFT JOIN article ON article.id = missing_settled.article
LEFT JOIN account ON account.id = missing_settled.settled_by
ORDER BY settled.id DESC
"""

_BEHIND = """
SELECT SUM(contact.number) AS number
FROM missing_settled JOIN contact ON contact.id = missing_settled.contact
WHERE missing_settled.article = {} AND contact.voided_at IS NULL
"""
