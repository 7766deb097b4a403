"""Supporters from before Tonari, with their stage and date, basis 移行 (S1, F3)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from server import clock, text
from server.audit import entries
from server.database import locked
from server.imports.reading import OUR_TIME, Line, read
from server.imports.results import Result, taking_in
from server.people.matching import Identity, find_or_add
from server.places.tables import District
from server.refusals import N_, Refused
from server.roles import Actor
from server.supporters import register, stages
from server.supporters.queries import holding, stages_of
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
Stages = tuple[tuple[Stage, date], ...]

NAME, READING, PHONE, BIRTH, EMAIL = "氏名", "ふりがな", "電話", "生年月日", "メール"
DISTRICT, STAGE, STAGE_ON, COMPLETED_ON = "地区", "段階", "年月日", "修了日"
BADGE, PLEDGED_ON, INSURED_FROM = "登録証番号", "誓約日", "保険開始日"
BADGE_BEFORE = "登録番号"  # as the column was called first
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
TEXTS = tuple(name for name in COLUMNS if name not in (DISTRICT, STAGE))  # digits and days
STAGES = {
    "修了": Stage.completed,
    "登録": Stage.registered,
    "活動中": Stage.active,
    "休止": Stage.resting,
    "退会": Stage.withdrawn,
}
IN_BETWEEN = "養成中"  # or only applied: neither stands in a file
NO_PHONE = N_(
    "Please write the number with its area code, 10 or 11 digits beginning with 0,"
    " for example 059-000-0123."
)
NO_EMAIL = N_("Please write the whole address, for example hanako@example.jp.")
LONGEST = {NAME: 120, READING: 200, PHONE: 40, EMAIL: 254, BADGE: 20}


@dataclass(frozen=True)
class _Before:
    """One supporter as a line of the file says."""

    identity: Identity
    email: str
    phone: str
    district_id: int | None
    badge: str | None
    stages: Stages
    papers: tuple[tuple[CredentialKind, date, date | None], ...]


async def load(content: bytes, *, check_only: bool = False, by: Actor | None) -> Result:
    """Take in a file of supporters from before: all of it, or, with any problem, nothing.

    Their stages rest on 移行 and no training record is made. The same file again changes
    nothing. Refused where the file cannot be read at all, and for
    who may not change the register.
    """
    check_may_manage(by)
    lines = [_renamed(line) for line in read(content, (*COLUMNS, BADGE_BEFORE), REQUIRED)]
    async with taking_in(lines, check_only=check_only) as result:
        await locked("badge numbers")
        districts = await _districts()
        for line in lines:
            await _take_in(line, districts, result, by)
    return result


def _renamed(line: Line) -> Line:
    badge = line.of(BADGE) or line.of(BADGE_BEFORE)
    return replace(line, cells=line.cells | {BADGE: text.badge_key(badge)})


async def _districts() -> dict[str, int]:
    rows = await District.select(District.id, District.name)
    return {text.normalised(row["name"]).removesuffix("地区"): row["id"] for row in rows}


async def _take_in(line: Line, districts: dict[str, int], result: Result, by: Actor | None) -> None:
    before = _understood(line, districts)
    if before is None:
        return
    person_id = await find_or_add(before.identity)
    supporter = await register.of_person(person_id)
    try:
        if supporter is None:
            await _check_badge_free(before.badge)
            await _add(person_id, before, by)
            result.added += 1
        else:
            result.unchanged += 1
            await _take_up(supporter, before, by)
    except Refused as refused:
        line.wrong(NAME, refused)


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
    for kind, first_on, last_on in before.papers:
        await Credential.insert(
            Credential(kind=kind, valid_from=first_on, valid_until=last_on, **marks)
        )
    await _reach(row["id"], before.stages, by)


async def _reach(supporter_id: int, reached: Stages, by: Actor | None) -> None:
    marks: Row = {"recorded_at": clock.now(), "recorded_by": by.id if by else None}
    for stage, reached_on in reached:
        await SupporterStage.insert(
            SupporterStage(
                supporter=supporter_id,
                stage=stage,
                effective_on=reached_on,
                basis=Basis.migration,
                **marks,
            )
        )
    days = {str(stage): reached_on for stage, reached_on in reached}
    await entries.record("supporter.imported", "supporter", supporter_id, by=by, stages=days)


async def _check_badge_free(badge: str | None) -> None:
    if badge:
        await stages.check_badge_free(badge, [])


async def _take_up(supporter: Row, before: _Before, by: Actor | None) -> None:
    """Somebody who is there already must stand there as the file says; nothing is overwritten.

    Only where a wrong stage was undone does the corrected file bring the right one.
    """
    rows = (await stages_of([supporter["id"]]))[supporter["id"]]
    live = {_dated(row) for row in rows if row["voided_at"] is None}
    if live.issuperset(before.stages):
        return
    if not live.issubset(before.stages):
        now = holding([row for row in rows if row["voided_at"] is None])
        raise Refused(
            "This person is already a supporter here: {stage} since {day}. Please take the line"
            " out of the file, and change the stage on the person's own page.",
            stage=next((name for name, each in STAGES.items() if each == now["stage"]), IN_BETWEEN),
            day=now["effective_on"],
        )
    missing = tuple(each for each in before.stages if each not in live)
    if {_dated(row) for row in rows}.intersection(missing):
        raise Refused("This stage was undone here. Please correct the file.")
    await _reach(supporter["id"], missing, by)


def _dated(row: Row) -> tuple[Stage, date]:
    return Stage(row["stage"]), row["effective_on"]


def _understood(line: Line, districts: dict[str, int]) -> _Before | None:
    line.check_texts(REQUIRED, LONGEST)
    _check_person(line)
    stage = STAGES.get(line.of(STAGE))
    if stage is None and line.of(STAGE):
        line.wrong(STAGE, Refused("Please write one of {words}.", words="、".join(STAGES)))
    reached_on = _past(line, STAGE_ON)
    completed_on = _past(line, COMPLETED_ON)
    if completed_on and reached_on and completed_on > reached_on:
        line.wrong(COMPLETED_ON, Refused("This day is after the day of the stage."))
    district_id = _district(line, districts)
    identity = Identity(
        line.of(NAME), line.of(READING), (line.of(PHONE),), _past(line, BIRTH, None)
    )
    papers = _papers(line)
    if not line.is_sound or stage is None or reached_on is None:
        return None
    reached = {stage: reached_on}
    if completed_on and stage is not Stage.completed:
        reached = {Stage.completed: completed_on, **reached}
    return _Before(
        identity,
        line.of(EMAIL),
        line.of(PHONE),
        district_id,
        line.of(BADGE) or None,
        tuple(reached.items()),
        papers,
    )


def _check_person(line: Line) -> None:
    line.check_reading(READING)
    if not text.phone_key(line.of(PHONE)) and not line.of(BIRTH):
        line.wrong(
            PHONE, Refused("A phone number or a date of birth is needed to know the person.")
        )
    phone = text.phone_key(line.of(PHONE))
    if phone and not phone.startswith("0") and len(phone) in (9, 10):
        line.wrong(PHONE, Refused("The phone number lacks its first 0. Please write it as text."))
    elif phone and not text.is_phone(line.of(PHONE)):
        line.wrong(PHONE, Refused(NO_PHONE))
    if line.of(EMAIL) and not text.is_email(line.of(EMAIL)):
        line.wrong(EMAIL, Refused(NO_EMAIL))


def _past(line: Line, column: str, years: range | None = OUR_TIME) -> date | None:
    found = line.day(column, years)
    if found and found > clock.today():
        line.wrong(column, Refused("This day has not come yet."))
    return found


def _district(line: Line, districts: dict[str, int]) -> int | None:
    name = text.normalised(line.of(DISTRICT)).removesuffix("地区")
    if name and name not in districts:
        known = "、".join(districts)
        line.wrong(
            DISTRICT, Refused("There is no district of this name. There are: {names}", names=known)
        )
    return districts.get(name)


def _papers(line: Line) -> tuple[tuple[CredentialKind, date, date | None], ...]:
    pledged, promoted = _past(line, PLEDGED_ON), _past(line, PROMOTED_ON)
    first, last = line.day(INSURED_FROM, OUR_TIME), line.day(INSURED_UNTIL, OUR_TIME)
    if bool(first) != bool(last) or (first and last and first > last):
        line.wrong(
            INSURED_UNTIL, Refused("An insurance needs its first and its last day, in order.")
        )
        first = None
    found = (
        (CredentialKind.pledge, pledged, None),
        (CredentialKind.insurance, first, last),
        (CredentialKind.promotion_member, promoted, None),
    )
    return tuple((kind, since, until) for kind, since, until in found if since)
