"""The dated stages of a supporter (S1): reached in order, undone when mistaken, never deleted."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from server import clock
from server.audit import entries
from server.database import locked, writing
from server.people import merging
from server.refusals import Refused
from server.roles import Actor
from server.supporters import credentials
from server.supporters.queries import IN_ORDER, holding, same_human, stages_of
from server.supporters.schemes import check_may_manage
from server.supporters.tables import Basis, CredentialKind, Stage, Supporter, SupporterStage
from server.text import badge_key
from server.training import certificates, enrolments, progress

Row = dict[str, Any]

_BADGE = re.compile(r"(.*?)([0-9]+)")
NEXT: dict[Stage | None, tuple[Stage, ...]] = {
    None: (Stage.applied,),
    Stage.applied: (Stage.in_training, Stage.withdrawn),
    Stage.in_training: (Stage.completed, Stage.withdrawn),
    Stage.completed: (Stage.registered, Stage.withdrawn),
    Stage.registered: (Stage.active, Stage.withdrawn),
    Stage.active: (Stage.resting, Stage.withdrawn),
    Stage.resting: (Stage.active, Stage.withdrawn),
    Stage.withdrawn: (Stage.applied, Stage.in_training),
}
BACK = (Stage.applied, Stage.in_training, Stage.withdrawn)  # from here once more what was reached


async def current(supporter_id: int) -> Row | None:
    """The stage row that holds (`queries.holding`); None before the first."""
    return (await current_of([supporter_id])).get(supporter_id)


async def current_of(supporter_ids: Sequence[int]) -> dict[int, Row]:
    """The stage row that holds of each supporter who has one; one statement."""
    found = await stages_of(supporter_ids)
    live = {each: _live(rows) for each, rows in found.items()}
    return {each: holding(rows) for each, rows in live.items() if rows}


async def history(supporter_id: int) -> list[Row]:
    """Every stage row by day, undone ones too, with those of merged duplicates."""
    return (await stages_of([supporter_id]))[supporter_id]


def may_follow(rows: Sequence[Row]) -> list[Stage]:
    """The stages that may be reached next, after these live rows (S1).

    In order, resting and back, withdrawn from anywhere; whoever comes back takes up training, or
    stands where her earlier completion or registration allows.
    """
    now = Stage(holding(rows)["stage"]) if rows else None
    next_ones = set(NEXT[now])
    if now in BACK:
        been = [Stage(each["stage"]) for each in rows if each["stage"] != Stage.withdrawn]
        highest = max(map(IN_ORDER.index, been), default=0)
        next_ones |= {Stage.registered} if highest >= IN_ORDER.index(Stage.completed) else set()
        next_ones |= {Stage.active} if highest >= IN_ORDER.index(Stage.registered) else set()
    return [each for each in IN_ORDER if each in next_ones]


async def reach(
    supporter_id: int,
    stage: Stage,
    effective_on: date,
    *,
    reason: str = "",
    basis: Basis = Basis.rule,
    by: Actor | None,
) -> Row:
    """Add a stage; `effective_on` is the municipal date that decides the fiscal year (T1).

    Raises Refused where the stage does not follow the present one (people from before may enter
    at any stage, 移行), for a day to come, and for a day before the stage before.
    """
    check_may_manage(by)
    async with writing():
        await hold(supporter_id)
        rows = _live(await history(supporter_id))
        check_follows(rows, stage, basis)
        check_day(rows, effective_on)
        added = SupporterStage(
            supporter=supporter_id,
            stage=stage,
            effective_on=effective_on,
            basis=basis,
            reason=reason,
            recorded_at=clock.now(),
            recorded_by=by.id if by else None,
        )
        await SupporterStage.insert(added)
        await entries.record(
            "supporter.stage",
            "supporter",
            supporter_id,
            by=by,
            stage=[holding(rows)["stage"] if rows else None, stage],
            effective_on=effective_on,
            basis=basis,
        )
    return added.to_dict()


async def train(
    supporter_id: int, since: date, programme_id: int | None = None, *, by: Actor
) -> Row:
    """Take her into training, enrolled in a programme where one is given.

    Raises Refused as `reach`, and where the programme takes nobody.
    """
    check_may_manage(by)
    async with writing():
        person_id = await _human(supporter_id)
        await merging.hold(person_id)
        if programme_id is not None:
            await enrolments.enrol(person_id, programme_id, since, by=by)
        return await reach(supporter_id, Stage.in_training, since, by=by)


async def certify(supporter_id: int, completed_on: date | None = None, *, by: Actor | None) -> Row:
    """Complete her training (修了): the stage and the numbered certificate, which is returned.

    `completed_on`, today unless given, decides the fiscal year. Raises Refused while a
    requirement is missing, for a day before the last one was done, and as `reach`.
    """
    check_may_manage(by)
    async with writing():
        person_id = await _human(supporter_id)
        await merging.hold(person_id)  # nobody takes a record back meanwhile
        await hold(supporter_id)
        done = await progress.of(person_id)
        if done is None or done.completed_on is None:
            raise Refused("Something that the programme asks for is still missing.")
        day = completed_on or clock.today()
        if day < done.completed_on:
            raise Refused("The last requirement was done on {day}.", day=done.completed_on)
        await reach(supporter_id, Stage.completed, day, by=by)
        return await certificates.issue(person_id, done.programme["id"], day, by=by)


async def register(
    supporter_id: int, badge_number: str, registered_on: date, *, by: Actor | None
) -> Row:
    """Register her (登録) under a badge number of her own, kept as `badge_key` has it.

    Raises Refused without a pledge that is valid on that day, for somebody else's number, and as
    `reach`.
    """
    badge_number = badge_key(badge_number)
    check_may_manage(by)
    if not badge_number:
        raise Refused("Please fill in the badge number.")
    async with writing():
        await locked("badge numbers")
        await hold(supporter_id)
        ids = await same_human(supporter_id)
        papers = await credentials.of(supporter_id)
        credentials.check_paper(papers, CredentialKind.pledge, registered_on)
        await check_badge_free(badge_number, ids)
        added = await reach(supporter_id, Stage.registered, registered_on, by=by)
        await Supporter.update(badge_number=None).where(Supporter.id.is_in(ids))
        await Supporter.update(badge_number=badge_number).where(Supporter.id == supporter_id)
        await entries.record("supporter.badge", "supporter", supporter_id, by=by, to=badge_number)
    return added


async def check_badge_free(number: str, supporter_ids: Sequence[int]) -> None:
    """Raise Refused where somebody but these holds the badge number, however it was typed."""
    held = await Supporter.select(Supporter.id, Supporter.badge_number).where(
        Supporter.badge_number.is_not_null()
    )
    for row in held:
        if row["id"] not in supporter_ids and badge_key(row["badge_number"]) == number:
            raise Refused("Somebody else has the badge number {number}.", number=number)


async def next_badge() -> str:
    """The badge number after the highest one in use, as wide as that one; "" for the first."""
    held = await Supporter.select(Supporter.badge_number).where(
        Supporter.badge_number.is_not_null()
    )
    found = [_BADGE.fullmatch(badge_key(row["badge_number"])) for row in held]
    parts = [(each[1], each[2]) for each in found if each]
    if not parts:
        return ""
    beginnings = [beginning for beginning, _ in parts]
    usual = max(sorted(set(beginnings)), key=beginnings.count)
    highest = max((digits for beginning, digits in parts if beginning == usual), key=int)
    return f"{usual}{int(highest) + 1:0{len(highest)}}"


async def undo(stage_id: int, reason: str, *, by: Actor) -> None:
    """Void a mistaken stage: it no longer counts, and what was known before stays known (T5).

    With a completion goes its certificate, with a registration the badge number. Raises Refused
    without a reason, and for any but the newest stage that stands.
    """
    check_may_manage(by)
    if not reason:
        raise Refused("Please write why this step is undone.")
    async with writing():
        row = await _stage(stage_id)
        await hold(row["supporter"])
        rows = _live(await history(row["supporter"]))
        if not rows or rows[-1]["id"] != stage_id:
            raise Refused("Only the newest step can be undone. Please undo the later ones first.")
        await SupporterStage.update(
            voided_at=clock.now(), voided_by=by.id, void_reason=reason
        ).where((SupporterStage.id == stage_id) & SupporterStage.voided_at.is_null())
        await _take_along(row, reason, by)
        await entries.record(
            "supporter.stage_undone",
            "supporter",
            row["supporter"],
            by=by,
            stage_id=stage_id,
            stage=row["stage"],
            effective_on=row["effective_on"],
        )


async def _take_along(row: Row, reason: str, by: Actor) -> None:
    if row["stage"] == Stage.completed:
        for each in await certificates.of(await _human(row["supporter"])):
            if each["voided_at"] is None and each["completed_on"] == row["effective_on"]:
                await certificates.void(each["id"], reason, by=by)
    elif row["stage"] == Stage.registered:
        await Supporter.update(badge_number=None).where(Supporter.id == row["supporter"])


def check_follows(rows: Sequence[Row], stage: Stage, basis: Basis = Basis.rule) -> None:
    """One step after another; from before Tonari only forward."""
    if basis == Basis.migration:
        now = holding(rows)["stage"] if rows else None
        forward = now is None or IN_ORDER.index(stage) > IN_ORDER.index(now)
        allowed = forward or now == Stage.withdrawn != stage
    else:
        allowed = stage in may_follow(rows)
    if not allowed:
        raise Refused("This step does not follow the present stage.")


def check_day(rows: Sequence[Row], effective_on: date) -> None:
    """Neither to come, nor before what came before."""
    if effective_on > clock.today():
        raise Refused("Please give a day up to today.")
    if rows and effective_on < rows[-1]["effective_on"]:
        raise Refused("The stage before dates from {day}.", day=rows[-1]["effective_on"])


async def hold(supporter_id: int) -> None:
    """Hold others who would change this human being's stages or places, inside `writing()`."""
    for each in await same_human(supporter_id):
        await locked(f"supporter:{each}")


async def _human(supporter_id: int) -> int:
    row = await Supporter.select(Supporter.person).where(Supporter.id == supporter_id).first()
    if row is None:
        raise Refused("There is no such supporter.")
    return await merging.stays(row["person"])


def _live(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["voided_at"] is None]


async def _stage(stage_id: int) -> Row:
    row: Row | None = await SupporterStage.select().where(SupporterStage.id == stage_id).first()
    if row is None:
        raise Refused("There is no such step.")
    return row
