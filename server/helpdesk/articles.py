"""Articles (よくある質問, 回答例): written, changed, published, looked at again, retired."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from server import clock, notes
from server.audit import entries
from server.database import locked, writing
from server.helpdesk import editions, wordings
from server.helpdesk.editions import WORDS
from server.helpdesk.tables import Article
from server.refusals import N_, Refused, Stale
from server.roles import Actor, Role
from server.topics import procedures, topics

Row = dict[str, Any]

COLUMNS = {  # of a row, by the name of the fact
    "topic_id": "topic",
    "procedure_id": "procedure",
    "section_id": "section",
    "owner_id": "owner",
}

# Of a row of `article`: it is an answer now.
PUBLISHED = "article.published_at IS NOT NULL AND article.retired_at IS NULL"

# Refusals that a form shows beside the field that they are about.
SAID_ALREADY = N_("There is an article with this question already.")
NOTHING_SAID = N_("Please write the steps, or what the staff may say.")
NOT_TO_COME = N_("Please choose a day to come.")
NOTHING_PUBLIC = N_("Residents would see no answer. Please write the steps first.")


@dataclass(frozen=True)
class ArticleFacts:
    """What an article says, whom it is for, and who looks after it until when.

    `steps` has one step a line; `staff_answer` is never shown to residents. `review_on` is the
    day by which it is to be looked at again.
    """

    question: str
    steps: str
    staff_answer: str
    keywords: str
    topic_id: int
    procedure_id: int | None = None
    section_id: int | None = None
    owner_id: int | None = None
    review_on: date | None = None
    public: bool = False


def may_edit(by: Actor, *section_ids: int | None) -> bool:
    """The helpdesk all; coordinators those of their own section and of none, or all (C4)."""
    if Role.helpdesk in by.roles:
        return True
    own = by.sees_all_sections or all(each in (None, by.section_id) for each in section_ids)
    return Role.coordinator in by.roles and own


async def get(article_id: int) -> Row | None:
    """One article as it stands; None where there is no such."""
    row: Row | None = await Article.select().where(Article.id == article_id).first()
    return row


async def create(facts: ArticleFacts, *, by: Actor) -> Row:
    """Write a draft and its first edition; the very same words again are the same article.

    Refused where the question has an article already, where nothing is answered, for a topic or
    procedure that is not in use, for a My Number (H1), and for a review day that is not to come.
    """
    async with writing():
        check_may_edit(by, facts.section_id)
        await locked("articles")
        known = await _asking(facts.question)
        if known and all(known[name] == getattr(facts, name) for name in WORDS):
            return known
        await _check(facts, None)
        now = clock.now()
        article = Article(**_columns(facts), created_at=now, changed_at=now)
        rows = await Article.insert(article).returning(*Article.all_columns())
        await editions.add(rows[0], by=by)
        await entries.record("article.created", "article", rows[0]["id"], by=by)
        return rows[0]


async def edit(article_id: int, facts: ArticleFacts, *, version: int, by: Actor) -> Row:
    """Save what has changed, as a new edition, and return the article.

    Stale when somebody else has saved since `version` was read; Refused as `create`, and where a
    published answer would show residents nothing.
    """
    async with writing():
        await locked("articles")
        was = await _held(article_id, by)
        _check_seen(was, version)
        check_may_edit(by, facts.section_id)
        await _check(facts, was)
        columns = _columns(facts)
        changed = {name: value for name, value in columns.items() if was[name] != value}
        if changed:
            now = await save(was, changed)
            await editions.add(now, by=by)
            if "steps" in changed:
                await editions.move_pictures(article_id, was["steps"], now["steps"])
            told = {name: changed[name] for name in changed if name not in (*WORDS, "search_text")}
            said = [name for name in WORDS if name in changed]
            await entries.record("article.changed", "article", article_id, by=by, said=said, **told)
            return now
        return was


async def publish(article_id: int, *, version: int, by: Actor) -> Row:
    """Offer it to the desks, and to residents where it is for them. Twice does nothing more."""
    async with writing():
        was = await _held(article_id, by)
        if was["published_at"] is not None and was["retired_at"] is None:
            return was
        _check_seen(was, version)
        if was["public"] and not was["steps"]:
            raise Refused(NOTHING_PUBLIC)
        now = await save(was, {"published_at": clock.now()})
        await entries.record("article.published", "article", article_id, by=by)
        return now


async def review(article_id: int, review_on: date, *, version: int, by: Actor) -> Row:
    """It has been looked at and still holds; look at it again on that day. Stale as `edit`."""
    async with writing():
        was = await _held(article_id, by)
        _check_seen(was, version)
        _check_to_come(review_on)
        columns = {"review_on": review_on, "version": was["version"] + 1}
        await entries.record("article.reviewed", "article", article_id, by=by, until=review_on)
        return await _update(article_id, columns)


async def retire(article_id: int, *, version: int, by: Actor) -> Row:
    """Offer it no more; contacts keep what answered them. Twice does nothing more."""
    async with writing():
        was = await _held(article_id, by)
        if was["retired_at"] is not None:
            return was
        _check_seen(was, version)
        now = await save(was, {"retired_at": clock.now()})
        await entries.record("article.retired", "article", article_id, by=by)
        return now


async def bring_back(article_id: int, *, version: int, by: Actor) -> Row:
    """Offer a retired one again, as it was. Refused where its question has a newer article."""
    async with writing():
        await locked("articles")
        was = await _held(article_id, by)
        if was["retired_at"] is None:
            return was
        _check_seen(was, version)
        if await _asking(was["question"]):
            raise Refused(SAID_ALREADY)
        now = await save(was, {"retired_at": None})
        await entries.record("article.brought_back", "article", article_id, by=by)
        return now


def check_may_edit(by: Actor, *section_ids: int | None) -> None:
    """Refused for everybody else."""
    if not may_edit(by, *section_ids):
        raise Refused("This article belongs to another section.")


async def _held(article_id: int, by: Actor) -> Row:
    """The article as it stands, held until the change ends. Refused for another's."""
    await locked(f"article:{article_id}")
    row = await get(article_id)
    if row is None:
        raise Refused("There is no such article.")
    check_may_edit(by, row["section"])
    return row


def _check_seen(article: Row, version: int) -> None:
    if article["version"] != version:
        raise Stale(article)


def _check_to_come(review_on: date) -> None:
    if review_on <= clock.today():
        raise Refused(NOT_TO_COME)


async def save(article: Row, columns: Row) -> Row:
    """Save columns of an article, which is another one for whoever has seen it before."""
    said = {"changed_at": clock.now(), "version": article["version"] + 1}
    return await _update(article["id"], columns | said)


async def _update(article_id: int, columns: Row) -> Row:
    values: dict[Any, Any] = columns
    rows = await (
        Article.update(values).where(Article.id == article_id).returning(*Article.all_columns())
    )
    row: Row = rows[0]
    return row


async def due(by: Actor) -> list[Row]:
    """The published articles whose review day has come, the longest waiting first.

    For the helpdesk and coordinators: their own, those that nobody who is still here looks
    after, and those of a coordinator's section (all for the overseeing one).
    """
    if not may_edit(by):
        return []
    rows: list[Row] = await Article.raw(_DUE, clock.today())
    coordinates = Role.coordinator in by.roles
    return [
        row
        for row in rows
        if row["owner"] in (None, by.id)
        or row["owner_left_at"] is not None
        or (coordinates and (by.sees_all_sections or row["section"] == by.section_id))
    ]


async def _check(facts: ArticleFacts, was: Row | None) -> None:
    """Whatever is new in the facts must be sound; what stood already may stay."""
    for said in (facts.question, facts.steps, facts.staff_answer, facts.keywords):
        notes.check(said)
    if not facts.steps and not facts.staff_answer:
        raise Refused(NOTHING_SAID)
    if facts.public and not facts.steps and was and was["published_at"] is not None:
        raise Refused(NOTHING_PUBLIC)
    if facts.review_on and (was is None or facts.review_on != was["review_on"]):
        _check_to_come(facts.review_on)
    known = await _asking(facts.question)
    if known and (was is None or (known["id"] != was["id"] and was["retired_at"] is None)):
        raise Refused(SAID_ALREADY)
    if was is None or facts.topic_id != was["topic"]:
        await topics.check_offered(facts.topic_id, clock.today())
    if facts.procedure_id and (was is None or facts.procedure_id != was["procedure"]):
        await procedures.check_offered(facts.procedure_id, clock.today())


async def _asking(question: str) -> Row | None:
    """The article in use that asks exactly this."""
    row: Row | None = await (
        Article.select()
        .where((Article.question == question) & Article.retired_at.is_null())
        .first()
    )
    return row


def _columns(facts: ArticleFacts) -> Row:
    said = {COLUMNS.get(name, name): value for name, value in asdict(facts).items()}
    return {**said, "search_text": search_text(said)}


def search_text(article: Row) -> str:
    """What the index keeps of an article; not what only staff read where residents search too."""
    staff = "" if article["public"] else article["staff_answer"]
    rest = f"{article['steps']} {staff}"
    return wordings.search_text(article["question"], article["keywords"], rest)


async def index_anew() -> int:
    """Make the index of every article as everyday_words.toml now has it; how many differed."""
    async with writing():
        await locked("articles")
        rows = await Article.select()
        changed = [row for row in rows if row["search_text"] != search_text(row)]
        for row in changed:
            await _update(row["id"], {"search_text": search_text(row)})
        return len(changed)


_DUE = f"""
SELECT article.id, article.question, article.topic, article.section, article.owner,
    article.review_on, article.version, account.name AS owner_name,
    account.disabled_at AS owner_left_at
FROM article
LEFT JOIN account ON account.id = article.owner
WHERE {PUBLISHED} AND article.review_on IS NOT NULL AND article.review_on <= {{}}
ORDER BY article.review_on, article.id
"""  # noqa: S608
