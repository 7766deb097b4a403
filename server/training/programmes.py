"""Programmes (養成カリキュラム): editions of one code, each with what it asks for (S2)."""

from typing import Any

from server import clock
from server.audit import entries
from server.database import locked, writing
from server.refusals import N_, Refused, Stale
from server.roles import Actor, keeps_masters
from server.training.tables import Programme, Requirement

Row = dict[str, Any]

# Shown beside the field that it is about.
CODE_TAKEN = N_("This code is used already.")


def may_edit(by: Actor) -> bool:
    """Programmes are for administrators and the section that oversees all."""
    return keeps_masters(by)


async def create(code: str, name: str, description: str = "", *, by: Actor) -> Row:
    """Make the first edition of a programme, a draft. Refused where the code is used."""
    async with writing():
        check_may_edit(by)
        await locked(f"programme:{code}")
        if await Programme.exists().where(Programme.code == code):
            raise Refused(CODE_TAKEN)
        programme = await _insert(code=code, edition=1, name=name, description=description)
        await entries.record("programme.created", "programme", programme["id"], by=by, code=code)
        return programme


async def edit(programme_id: int, name: str, description: str, *, version: int, by: Actor) -> Row:
    """Save the words of an edition, also of a published one, and return it.

    Stale when somebody else has saved since `version` was read.
    """
    async with writing():
        programme = await _held(programme_id, version, by)
        words = {"name": name, "description": description}
        typed = {key: value for key, value in words.items() if programme[key] != value}
        if typed:
            await save(programme, typed)
            was = {key: programme[key] for key in typed}
            await entries.record(
                "programme.changed", "programme", programme_id, by=by, was=was, now=typed
            )
        return await _now(programme_id)


async def publish(programme_id: int, *, version: int, by: Actor) -> Row:
    """Open an edition to be taken; what it asks for never changes from now on.

    Done twice, it does nothing the second time. Stale as `edit`; Refused while it asks for
    nothing.
    """
    async with writing():
        check_may_edit(by)
        programme = await _locked(programme_id)
        if programme["published_at"] is not None:
            return programme
        _check_version(programme, version)
        if not await requirements(programme_id):
            raise Refused("Please add what has to be done before you publish.")
        await save(programme, {"published_at": clock.now()})
        await entries.record("programme.published", "programme", programme_id, by=by)
        return await _now(programme_id)


async def retire(programme_id: int, *, version: int, by: Actor) -> Row:
    """Take nobody new into an edition; who is in it goes on. Twice does nothing more.

    Stale as `edit`; Refused for a draft.
    """
    async with writing():
        check_may_edit(by)
        programme = await _locked(programme_id)
        if programme["retired_at"] is not None:
            return programme
        _check_version(programme, version)
        if programme["published_at"] is None:
            raise Refused("This programme has not been published.")
        await save(programme, {"retired_at": clock.now()})
        await entries.record("programme.retired", "programme", programme_id, by=by)
        return await _now(programme_id)


async def add_edition(programme_id: int, *, by: Actor) -> Row:
    """Make the next edition, a draft that asks for the same, and return it.

    Refused while there is a draft of the programme.
    """
    async with writing():
        check_may_edit(by)
        was = await _locked(programme_id)
        known = await editions(was["code"])
        if any(each["published_at"] is None for each in known):
            raise Refused("There is a draft of the next edition already.")
        facts = {name: was[name] for name in ("code", "name", "description")}
        programme = await _insert(**facts, edition=known[-1]["edition"] + 1)
        for row in await requirements(programme_id):
            kept = {name: value for name, value in row.items() if name not in ("id", "programme")}
            await Requirement.insert(Requirement(**kept, programme=programme["id"]))
        await entries.record(
            "programme.edition_added", "programme", programme["id"], by=by, after=programme_id
        )
        return programme


async def listed() -> list[Row]:
    """Every edition of every programme, by code, the newest edition first."""
    return (
        await Programme.select()
        .order_by(Programme.code)
        .order_by(Programme.edition, ascending=False)
    )


async def published() -> list[Row]:
    """Of each code the newest edition that is published and not retired, by name."""
    rows = await (
        Programme.select()
        .where(Programme.published_at.is_not_null() & Programme.retired_at.is_null())
        .order_by(Programme.edition)
    )
    newest = {row["code"]: row for row in rows}
    return sorted(newest.values(), key=lambda row: (row["name"], row["id"]))


async def get(programme_id: int) -> Row | None:
    """One edition; None when there is no such."""
    return await Programme.select().where(Programme.id == programme_id).first()


async def editions(code: str) -> list[Row]:
    """Every edition of one programme, the oldest first."""
    return await Programme.select().where(Programme.code == code).order_by(Programme.edition)


async def requirements(programme_id: int) -> list[Row]:
    """What an edition asks for, in order."""
    return await (
        Requirement.select()
        .where(Requirement.programme == programme_id)
        .order_by(Requirement.position, Requirement.id)
    )


def check_may_edit(by: Actor) -> None:
    """Refused for everybody else."""
    if not may_edit(by):
        raise Refused("Programmes are for the section that oversees all classes.")


def _check_version(programme: Row, version: int) -> None:
    if programme["version"] != version:
        raise Stale(programme)


async def _locked(programme_id: int) -> Row:
    await locked(f"programme:{(await _now(programme_id))['code']}")
    return await _now(programme_id)


async def _held(programme_id: int, version: int, by: Actor) -> Row:
    check_may_edit(by)
    programme = await _locked(programme_id)
    _check_version(programme, version)
    return programme


async def held_draft(programme_id: int, version: int, by: Actor) -> Row:
    """The draft as it stands, held until the change ends. Stale, Refused once published."""
    check_may_edit(by)
    programme = await _locked(programme_id)
    if programme["published_at"] is not None:
        raise Refused("This edition is published. Please make a new edition.")
    _check_version(programme, version)
    return programme


async def _insert(**facts: Any) -> Row:
    programme = Programme(**facts, created_at=clock.now())
    rows = await Programme.insert(programme).returning(*Programme.all_columns())
    return rows[0]


async def save(programme: Row, columns: Row) -> None:
    """Save columns of an edition, which is another one for whoever has seen it before."""
    changed: dict[Any, Any] = columns | {"version": programme["version"] + 1}
    await Programme.update(changed).where(Programme.id == programme["id"])


async def _now(programme_id: int) -> Row:
    programme = await get(programme_id)
    if programme is None:
        raise Refused("There is no such programme.")
    return programme
