"""Loading a plan from its file: what a city promised, as data (S6)."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from piccolo.columns import Column

from server import clock
from server.audit import entries
from server.database import locked, writing
from server.plan import queries
from server.plan.tables import (
    Counting,
    Direction,
    Indicator,
    IndicatorEntry,
    Measure,
    Plan,
    Target,
    Unit,
)
from server.refusals import N_, Refused
from server.roles import Actor, oversees

Row = dict[str, Any]

SHIPPED = Path(__file__).parent / "plans"
LONGEST = {"code": 60, "name": 200, "measure_name": 200, "municipality": 40, "kinds": 120}
LONGEST_MILESTONE = 80
KNOWN = {"unit": Unit, "counting": Counting, "direction": Direction, "measure": Measure}
BLANK: tuple[int | None, str] = (None, "")
COUNTABLE = {
    Measure.supporters_trained: (Unit.supporter,),
    Measure.sessions_held: (Unit.session, Unit.course, Unit.visit),
    Measure.by_hand: tuple(Unit),
}
UNKNOWN = N_("The plan's file cannot be read: {field} is {value}.")


@dataclass(frozen=True)
class Kept:
    """A target that somebody changed by hand, so the file's own did not replace it."""

    indicator: str
    fiscal_year: int
    stands: str  # blank where the target was taken away
    in_file: str


@dataclass
class Loaded:
    """What loading a plan did; the same file again adds and changes nothing."""

    plan_id: int
    added: int = 0
    changed: int = 0
    kept: list[Kept] = field(default_factory=list)


def shipped() -> list[Row]:
    """The plans that come with Tonari: code, name, municipality, first and last fiscal year."""
    return [_read(path) for path in sorted(SHIPPED.glob("*.toml"))]


async def load(file: Path | str, *, by: Actor | None) -> Loaded:
    """Load a plan's file, or its text; what stands already is brought up to it.

    A target that was changed by hand since is kept and told. Twice changes nothing. Refused where
    the file cannot be read. `by` is None for a command.
    """
    facts = _checked(_read(file))
    check_may_plan(by)
    async with writing():
        await locked("plans")
        loaded = await _save_plan(facts)
        for position, each in enumerate(facts["indicators"]):
            await _save_indicator(loaded, each, position)
        if loaded.added or loaded.changed:
            counts = {"added": loaded.added, "changed": loaded.changed, "kept": len(loaded.kept)}
            await entries.record(
                "plan.loaded", "plan", loaded.plan_id, by=by, code=facts["code"], **counts
            )
    return loaded


async def load_shipped(code: str, *, by: Actor | None) -> Loaded:
    """Load one of the plans that come with Tonari. Refused where there is none of that code."""
    for path in sorted(SHIPPED.glob("*.toml")):
        if path.stem == code:
            return await load(path, by=by)
    raise Refused(UNKNOWN, field="code", value=code)


async def remove(plan_id: int, *, by: Actor) -> None:
    """Take a plan off the pages, with its indicators and targets: it can be loaded again.

    Refused where something was entered by hand, which is never deleted (T5).
    """
    check_may_plan(by)
    async with writing():
        await locked("plans")
        if await IndicatorEntry.exists().where(IndicatorEntry.indicator.plan == plan_id):
            raise Refused("Something has been entered by hand for this plan, so it stays.")
        plan = await Plan.select(Plan.code).where(Plan.id == plan_id).first()
        if plan is None:
            return
        ids = await Indicator.select(Indicator.id).where(Indicator.plan == plan_id)
        for row in ids:
            await Target.delete().where(Target.indicator == row["id"])
        await Indicator.delete().where(Indicator.plan == plan_id)
        await Plan.delete().where(Plan.id == plan_id)
        await entries.record("plan.removed", "plan", plan_id, by=by, code=plan["code"])


async def kept(code: str) -> list[Kept]:
    """The targets of a loaded plan that somebody set to other than its shipped file says."""
    for path in sorted(SHIPPED.glob("*.toml")):
        if path.stem == code:
            in_file = {each["code"]: each for each in _checked(_read(path))["indicators"]}
            break
    else:
        return []
    rows = await Indicator.select(Indicator.id, Indicator.code).where(Indicator.plan.code == code)
    standing = await queries.targets([row["id"] for row in rows])
    return [
        each
        for row in rows
        if row["code"] in in_file
        for each in _kept(in_file[row["code"]], standing[row["id"]])
    ]


def check_may_plan(by: Actor | None) -> None:
    """Plans and targets are the overseeing section's (C4); None is a command."""
    if by is not None and not oversees(by):
        raise Refused("Plans and targets are kept by the section that oversees all others.")


async def _save_plan(facts: Row) -> Loaded:
    names = ("name", "municipality", "first_year", "last_year")
    known = {name: facts[name] for name in names}
    row = await Plan.select().where(Plan.code == facts["code"]).first()
    if row is None:
        plan = Plan(code=facts["code"], loaded_at=clock.now(), **known)
        await plan.save()
        return Loaded(plan.id, added=1)
    if all(row[name] == value for name, value in known.items()):
        return Loaded(row["id"])
    await Plan.update(_changes(known, loaded_at=clock.now())).where(Plan.id == row["id"])
    return Loaded(row["id"], changed=1)


async def _save_indicator(loaded: Loaded, facts: Row, position: int) -> None:
    section = await queries.section_named(facts["section"])
    names = ("measure_name", "name", "unit", "counting", "direction", "measure", "kinds")
    known = {name: facts[name] for name in names} | {"position": position, "section": section}
    at = (Indicator.plan == loaded.plan_id) & (Indicator.code == facts["code"])
    row = await Indicator.select().where(at).first()
    if row is None:
        indicator = Indicator(plan=loaded.plan_id, code=facts["code"], **known)
        await indicator.save()
        loaded.added += 1
        return await _save_targets(loaded, indicator.id, facts)
    if any(row[name] != value for name, value in known.items()):
        await Indicator.update(_changes(known)).where(Indicator.id == row["id"])
        loaded.changed += 1
    return await _save_targets(loaded, row["id"], facts)


async def _save_targets(loaded: Loaded, indicator_id: int, facts: Row) -> None:
    standing = (await queries.targets([indicator_id]))[indicator_id]
    for year in sorted({*standing, *facts["targets"]}):
        number, milestone = facts["targets"].get(year, BLANK)
        row = standing.get(year)
        if row is None:
            known = {"number": number, "milestone": milestone}
            await Target.insert(Target(indicator=indicator_id, fiscal_year=year, **known))
            loaded.added += 1
        elif not _by_hand(row) and (row["number"], row["milestone"]) != (number, milestone):
            changes: dict[Column | str, Any] = {"number": number, "milestone": milestone}
            await Target.update(changes).where(Target.id == row["id"])
            loaded.changed += 1
    loaded.kept.extend(_kept(facts, standing))


def _by_hand(target: Row) -> bool:
    """Has somebody set it? A plan's file writes version 1, targets.set counts up from there."""
    return bool(target["version"] > 1)


def _kept(facts: Row, standing: dict[int, Row]) -> list[Kept]:
    found = []
    for year, row in standing.items():
        in_file = facts["targets"].get(year, BLANK)
        if _by_hand(row) and (row["number"], row["milestone"]) != in_file:
            stands = _said(row["number"], row["milestone"])
            found.append(Kept(facts["name"], year, stands, _said(*in_file)))
    return found


def _changes(known: Row, **more: Any) -> dict[Column | str, Any]:
    return dict([*known.items(), *more.items()])


def _said(number: int | None, milestone: str) -> str:
    return milestone if number is None else f"{number:,}"


def _read(file: Path | str) -> Row:
    text = file.read_text(encoding="utf-8") if isinstance(file, Path) else file
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise Refused(UNKNOWN, field="TOML", value=str(wrong)) from wrong


def _checked(facts: Row) -> Row:
    for name in ("code", "name", "municipality"):
        _text(facts, name)
    first, last = facts.get("first_year"), facts.get("last_year")
    if not (isinstance(first, int) and isinstance(last, int) and 1900 < first <= last < 2200):
        raise Refused(UNKNOWN, field="first_year, last_year", value=f"{first}, {last}")
    found = [_checked_indicator(each, facts) for each in facts.get("indicators", [])]
    codes = [each["code"] for each in found]
    if not codes or len(set(codes)) < len(codes):
        raise Refused(UNKNOWN, field="indicators", value=codes)
    return facts | {"indicators": found}


def _checked_indicator(given: Row, plan: Row) -> Row:
    defaults = {"direction": Direction.at_least.value, "measure_name": "", "section": ""}
    facts = {**defaults, **given, "kinds": ",".join(given.get("kinds", []))}
    for name in ("code", "name", "measure_name", "kinds"):
        _text(facts, name, needed=name in ("code", "name"))
    for name, kind in KNOWN.items():
        if facts.get(name) not in list(kind):
            raise Refused(UNKNOWN, field=name, value=facts.get(name))
    if facts["unit"] not in COUNTABLE[facts["measure"]]:
        raise Refused(UNKNOWN, field=f"{facts['code']} unit", value=facts["unit"])
    targets = {}
    for words, value in facts.get("targets", {}).items():
        year = int(words) if words.isdecimal() else 0
        if not plan["first_year"] <= year <= plan["last_year"]:
            raise Refused(UNKNOWN, field=f"{facts['code']} targets", value=words)
        targets[year] = _target(facts, year, value)
    return facts | {"targets": targets}


def _target(facts: Row, year: int, value: Any) -> tuple[int | None, str]:
    """A number where the indicator counts, words where it is a milestone; never both (S6)."""
    if facts["counting"] == Counting.milestone:
        if isinstance(value, str) and 0 < len(value) <= LONGEST_MILESTONE:
            return None, value
    elif isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value, ""
    raise Refused(UNKNOWN, field=f"{facts['code']} {year}", value=value)


def _text(facts: Row, name: str, *, needed: bool = True) -> None:
    value = facts.get(name)
    if not isinstance(value, str) or (needed and not value) or len(value) > LONGEST[name]:
        raise Refused(UNKNOWN, field=name, value=value)
