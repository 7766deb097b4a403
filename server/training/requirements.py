"""What a draft asks for (修了要件): added, changed, taken out."""

from dataclasses import asdict, dataclass
from typing import Any

from server.audit import entries
from server.database import writing
from server.refusals import N_, Refused
from server.roles import Actor
from server.training.programmes import CODE_TAKEN, held_draft, requirements, save
from server.training.tables import Requirement, RequirementKind, Unit

Row = dict[str, Any]

NOT_OF_OLDER = N_("Only what an older edition asked for can be replaced.")


@dataclass(frozen=True)
class RequirementFacts:
    """What is typed about a requirement; `needed` in whole sessions or hours, as `unit` says.

    `replaces` are codes of older editions whose records count here too.
    """

    code: str
    name: str
    kind: RequirementKind
    unit: Unit
    needed: int
    position: int
    replaces: tuple[str, ...] = ()

    def columns(self) -> Row:
        """The columns that a requirement is saved with, by name."""
        return asdict(self) | {"replaces": ",".join(self.replaces)}


async def add(programme_id: int, facts: RequirementFacts, *, version: int, by: Actor) -> Row:
    """Add to what a draft asks for, and return the requirement.

    Stale as `edit`; Refused for a published edition, a code it has already, and for `replaces`
    that no older edition asked for.
    """
    async with writing():
        programme = await held_draft(programme_id, version, by)
        await _check_facts(programme, facts, None)
        requirement = Requirement(**facts.columns(), programme=programme_id)
        rows = await Requirement.insert(requirement).returning(*Requirement.all_columns())
        await save(programme, {})
        await entries.record(
            "requirement.added", "requirement", rows[0]["id"], by=by, **facts.columns()
        )
        return rows[0]


async def edit(requirement_id: int, facts: RequirementFacts, *, version: int, by: Actor) -> Row:
    """Change what a draft asks for, and return the requirement. Refused as `add`;
    `version` is the edition's."""
    async with writing():
        was = await _requirement(requirement_id)
        programme = await held_draft(was["programme"], version, by)
        await _check_facts(programme, facts, requirement_id)
        changed = {key: value for key, value in facts.columns().items() if was[key] != value}
        if changed:
            columns: dict[Any, Any] = {**changed}
            await Requirement.update(columns).where(Requirement.id == requirement_id)
            await save(programme, {})
            before = {key: was[key] for key in changed}
            await entries.record(
                "requirement.changed",
                "requirement",
                requirement_id,
                by=by,
                was=before,
                now=changed,
            )
        return await _requirement(requirement_id)


async def remove(requirement_id: int, *, version: int, by: Actor) -> None:
    """Take something out of a draft. Stale and Refused as `edit`."""
    async with writing():
        was = await _requirement(requirement_id)
        programme = await held_draft(was["programme"], version, by)
        await Requirement.delete().where(Requirement.id == requirement_id)
        await save(programme, {})
        await entries.record("requirement.removed", "requirement", requirement_id, by=by, **was)


async def of_older_editions(programme: Row) -> list[Row]:
    """What older editions asked for, once per code, as the newest of them has it."""
    rows = await (
        Requirement.select(
            *Requirement.all_columns(), Requirement.programme.edition.as_alias("edition")
        )
        .where(Requirement.programme.code == programme["code"])
        .where(Requirement.programme.edition < programme["edition"])
        .order_by(Requirement.programme.edition, Requirement.position, Requirement.id)
    )
    return list({row["code"]: row for row in rows}.values())


async def _check_facts(programme: Row, facts: RequirementFacts, own_id: int | None) -> None:
    others = [row for row in await requirements(programme["id"]) if row["id"] != own_id]
    if facts.code in [row["code"] for row in others]:
        raise Refused(CODE_TAKEN)
    older = {row["code"] for row in await of_older_editions(programme)}
    if set(facts.replaces) - older:
        raise Refused(NOT_OF_OLDER)


async def _requirement(requirement_id: int) -> Row:
    requirement = await Requirement.select().where(Requirement.id == requirement_id).first()
    if requirement is None:
        raise Refused("This has been removed already.")
    return requirement
