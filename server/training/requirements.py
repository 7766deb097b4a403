"""What a draft asks for (修了要件): added, changed, taken out."""

from dataclasses import asdict, dataclass
from typing import Any

from server.audit import entries
from server.database import writing
from server.refusals import N_, Refused
from server.roles import Actor
from server.training.programmes import CODE_TAKEN, held_draft, requirements, save
from server.training.queries import replaced
from server.training.tables import Requirement, RequirementKind, Unit

Row = dict[str, Any]

# Refusals that a form shows beside the field that they are about.
CODE_REPLACED = N_("What was done under this code counts elsewhere in this edition already.")
NOT_OF_OLDER = N_(
    "Only what an older edition asked for, and this one no longer does, can be chosen."
)


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


async def left_behind(programme: Row, own_id: int | None = None) -> list[Row]:
    """What older editions asked for and this one does not: each code once, as it was last.

    The requirement `own_id` does not count as part of this edition.
    """
    asked = {row["code"] for row in await requirements(programme["id"]) if row["id"] != own_id}
    return [row for row in await _older(programme) if row["code"] not in asked]


async def listed(programme: Row) -> list[Row]:
    """What an edition asks for, in order, with the names of what each stands for (`replaced`)."""
    names = {row["code"]: row["name"] for row in await _older(programme)}
    return [
        row | {"replaced": [names.get(code, code) for code in replaced(row)]}
        for row in await requirements(programme["id"])
    ]


async def _older(programme: Row) -> list[Row]:
    rows = await (
        Requirement.select(
            *Requirement.all_columns(), Requirement.programme.edition.as_alias("edition")
        )
        .where(Requirement.programme.code == programme["code"])
        .where(Requirement.programme.edition < programme["edition"])
        .order_by(Requirement.programme.edition, Requirement.position, Requirement.id)
    )
    return list({row["code"]: row for row in rows}.values())


async def get(requirement_id: int) -> Row | None:
    """One requirement; None when there is no such."""
    return await Requirement.select().where(Requirement.id == requirement_id).first()


async def _check_facts(programme: Row, facts: RequirementFacts, own_id: int | None) -> None:
    others = [row for row in await requirements(programme["id"]) if row["id"] != own_id]
    if facts.code in [row["code"] for row in others]:
        raise Refused(CODE_TAKEN)
    if facts.code in {code for row in others for code in replaced(row)}:
        raise Refused(CODE_REPLACED)
    left = {row["code"] for row in await left_behind(programme, own_id)}
    if set(facts.replaces) - (left - {facts.code}):
        raise Refused(NOT_OF_OLDER)


async def _requirement(requirement_id: int) -> Row:
    requirement = await get(requirement_id)
    if requirement is None:
        raise Refused("This has been removed already.")
    return requirement
