"""Supporters from before Tonari, with their stage and date, basis 移行 (S1, F3)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from server import clock, text
from server.audit import entries
from server.database import writing
from server.imports.reading import Line, Problem, day, read
from server.people.matching import Identity, find_or_add
from server.places.tables import District
from server.refusals import Refused
from server.roles import Actor
from server.supporters.schemes import check_may_manage
from server.supporters.tables import (
    Basis,
    Credential,
    CredentialKind,
    Stage,
    Supporter,
    SupporterStage,
)

Row = dict[str, Any]
T = TypeVar("T")

NAME, READING, PHONE, BIRTH, EMAIL = "氏名", "ふりがな", "電話", "生年月日", "メール"
DISTRICT, STAGE, STAGE_ON, COMPLETED_ON = "地区", "段階", "年月日", "修了日"
BADGE, PLEDGED_ON, INSURED_FROM = "登録番号", "誓約日", "保険開始日"
INSURED_UNTIL, PROMOTED_ON = "保険終了日", "推進委員任命日"
REQUIRED = (NAME, READING, STAGE, STAGE_ON)
COLUMNS = (
    NAME,
    READING,
    PHONE,
    BIRTH,
    EMAIL,
    DISTRICT,
    STAGE,
    STAGE_ON,
    COMPLETED_ON,
    BADGE,
    PLEDGED_ON,
    INSURED_FROM,
    INSURED_UNTIL,
    PROMOTED_ON,
)
STAGES = {
    "修了": Stage.completed,
    "登録": Stage.registered,
    "活動中": Stage.active,
    "休止": Stage.resting,
    "退会": Stage.withdrawn,
}
LONGEST = {NAME: 120, READING: 200, PHONE: 40, EMAIL: 254, BADGE: 20}


@dataclass
class Result:
    """What an import did, or what is wrong with the file: then it did nothing."""

    added: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Before:
    """One supporter as a line of the file says."""

    identity: Identity
    email: str
    phone: str
    district_id: int | None
    badge: str | None
    stages: tuple[tuple[Stage, date], ...]
    papers: tuple[tuple[CredentialKind, date, date | None], ...]


class _Undone(Exception):
    """Takes back what was written: only a check was asked for, or something is wrong."""


async def load(content: bytes, *, check_only: bool = False, by: Actor | None) -> Result:
    """Take in a file of supporters from before: all of it, or, with any problem, nothing.

    Their stages rest on 移行 and no training record is made. The same file again changes
    nothing. Refused where the file cannot be read at all, and for
    who may not change the register.
    """
    check_may_manage(by)
    lines = read(content, COLUMNS, REQUIRED)
    result = Result()
    try:
        async with writing():
            districts = await _districts()
            for line in lines:
                await _take_in(line, districts, result, by)
            if check_only or result.problems:
                raise _Undone
    except _Undone:
        pass
    return result


async def _districts() -> dict[str, int]:
    rows = await District.select(District.id, District.name)
    return {text.normalised(row["name"]).removesuffix("地区"): row["id"] for row in rows}


async def _take_in(line: Line, districts: dict[str, int], result: Result, by: Actor | None) -> None:
    known = len(result.problems)
    before = _understood(line, districts, result.problems)
    if before is None or len(result.problems) > known:
        return
    person_id = await find_or_add(before.identity)
    supporter = await Supporter.select().where(Supporter.person == person_id).first()
    try:
        if supporter is None:
            await _check_badge_free(before.badge)
            await _add(person_id, before, by)
            result.added += 1
        else:
            await _check_same(supporter, before)
            result.unchanged += 1
    except Refused as refused:
        result.problems.append(Problem(line.row, NAME, line.of(NAME), refused))


async def _add(person_id: int, before: _Before, by: Actor | None) -> None:
    now = clock.now()
    supporter = Supporter(
        person=person_id,
        district=before.district_id,
        phone=before.phone,
        email=before.email,
        badge_number=before.badge,
        created_at=now,
    )
    [row] = await Supporter.insert(supporter).returning(Supporter.id)
    marks = {"recorded_at": now, "recorded_by": by.id if by else None, "supporter": row["id"]}
    for stage, reached_on in before.stages:
        await SupporterStage.insert(
            SupporterStage(stage=stage, effective_on=reached_on, basis=Basis.migration, **marks)
        )
    for kind, first_on, last_on in before.papers:
        await Credential.insert(
            Credential(kind=kind, valid_from=first_on, valid_until=last_on, **marks)
        )
    stages = {str(stage): reached_on for stage, reached_on in before.stages}
    await entries.record("supporter.imported", "supporter", row["id"], by=by, stages=stages)


async def _check_badge_free(badge: str | None) -> None:
    if badge and await Supporter.exists().where(Supporter.badge_number == badge):
        raise Refused("The badge number {number} is already somebody else's.", number=badge)


async def _check_same(supporter: Row, before: _Before) -> None:
    """Somebody who is there already must stand there as the file says; nothing is overwritten."""
    rows = await SupporterStage.select(SupporterStage.stage, SupporterStage.effective_on).where(
        (SupporterStage.supporter == supporter["id"]) & (SupporterStage.basis == Basis.migration)
    )
    if {(row["stage"], row["effective_on"]) for row in rows} != set(before.stages):
        raise Refused("This person is already a supporter here, with other stages or dates.")


def _understood(line: Line, districts: dict[str, int], problems: list[Problem]) -> _Before | None:
    def wrong(column: str, refused: Refused) -> None:
        problems.append(Problem(line.row, column, line.of(column), refused))

    known = len(problems)
    _check_texts(line, wrong)
    stage = STAGES.get(line.of(STAGE))
    if stage is None and line.of(STAGE):
        wrong(STAGE, Refused("Please write one of {words}.", words="、".join(STAGES)))
    reached_on = _past(line, STAGE_ON, wrong)
    completed_on = _past(line, COMPLETED_ON, wrong)
    if completed_on and reached_on and completed_on > reached_on:
        wrong(COMPLETED_ON, Refused("This day is after the day of the stage."))
    district_id = _district(line, districts, wrong)
    identity = Identity(
        line.of(NAME), line.of(READING), (line.of(PHONE),), _past(line, BIRTH, wrong)
    )
    papers = _papers(line, wrong)
    if len(problems) > known or stage is None or reached_on is None:
        return None
    stages = {stage: reached_on}
    if completed_on and stage is not Stage.completed:
        stages = {Stage.completed: completed_on, **stages}
    return _Before(
        identity,
        line.of(EMAIL),
        line.of(PHONE),
        district_id,
        line.of(BADGE) or None,
        tuple(stages.items()),
        papers,
    )


Wrong = Callable[[str, Refused], None]


def _check_texts(line: Line, wrong: Wrong) -> None:
    for column in REQUIRED:
        if not line.of(column):
            wrong(column, Refused("This is empty."))
    if line.of(READING) and not text.is_reading(line.of(READING)):
        wrong(READING, Refused("Please write the reading in hiragana or katakana."))
    if not text.phone_key(line.of(PHONE)) and not line.of(BIRTH):
        wrong(PHONE, Refused("A phone number or a date of birth is needed to know the person."))
    for column, longest in LONGEST.items():
        if len(line.of(column)) > longest:
            wrong(column, Refused("Please use at most {number} characters.", number=longest))


def _past(line: Line, column: str, wrong: Wrong) -> date | None:
    found = _day(line, column, wrong)
    if found and found > clock.today():
        wrong(column, Refused("This day has not come yet."))
    return found


def _day(line: Line, column: str, wrong: Wrong) -> date | None:
    if not line.of(column):
        return None
    try:
        return day(line.of(column))
    except ValueError:
        wrong(column, Refused("This is not a day. Please write it like 2026-11-21."))
        return None


def _district(line: Line, districts: dict[str, int], wrong: Wrong) -> int | None:
    name = text.normalised(line.of(DISTRICT)).removesuffix("地区")
    if name and name not in districts:
        wrong(DISTRICT, Refused("There is no district of this name."))
    return districts.get(name)


def _papers(line: Line, wrong: Wrong) -> tuple[tuple[CredentialKind, date, date | None], ...]:
    pledged, promoted = _past(line, PLEDGED_ON, wrong), _past(line, PROMOTED_ON, wrong)
    first, last = _day(line, INSURED_FROM, wrong), _day(line, INSURED_UNTIL, wrong)
    if bool(first) != bool(last) or (first and last and first > last):
        wrong(INSURED_UNTIL, Refused("An insurance needs its first and its last day, in order."))
        first = None
    found = (
        (CredentialKind.pledge, pledged, None),
        (CredentialKind.insurance, first, last),
        (CredentialKind.promotion_member, promoted, None),
    )
    return tuple((kind, since, until) for kind, since, until in found if since)
