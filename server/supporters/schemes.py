"""How the city runs its supporters: which stage counts, who fills places, how far ahead."""

from dataclasses import asdict, dataclass

from server.audit import entries
from server.database import locked, writing
from server.refusals import Refused, Stale
from server.roles import Actor, keeps_masters, oversees
from server.supporters.queries import COUNTED
from server.supporters.tables import Scheme, SignUp, Stage


@dataclass(frozen=True)
class SchemeFacts:
    """The settings; the defaults hold in a city that has saved none."""

    counted_stage: Stage = Stage.completed
    sign_up: SignUp = SignUp.both
    leave_days: int = 3
    participants_per_helper: int = 4
    short_days: int = 14
    expiry_days: int = 60
    home_visits: bool = False
    issuer: str = ""


async def current() -> SchemeFacts:
    """The settings that hold."""
    return (await versioned())[0]


async def versioned() -> tuple[SchemeFacts, int]:
    """The settings that hold and their version; 0 while none have been saved."""
    row = await Scheme.select().order_by(Scheme.id).first()
    if row is None:
        return SchemeFacts(), 0
    facts = {name: row[name] for name in SchemeFacts.__dataclass_fields__}
    facts |= {"counted_stage": Stage(row["counted_stage"]), "sign_up": SignUp(row["sign_up"])}
    return SchemeFacts(**facts), row["version"]


async def save(facts: SchemeFacts, *, version: int, by: Actor) -> None:
    """Keep the settings; figures follow at once, for they are computed from dated rows (S1).

    Raises Stale where somebody else has saved since `version` was seen, Refused for a stage that
    cannot count, and for whoever is neither administrator nor of the overseeing section.
    """
    check_may_edit(by)
    if facts.counted_stage not in COUNTED:
        raise Refused("Only completed, registered or active can count as trained.")
    async with writing():
        await locked("scheme")
        was, standing = await versioned()
        if standing != version:
            raise Stale({**asdict(was), "version": standing})
        values = {**asdict(facts), "version": version + 1}
        if version:
            await Scheme.update(**values).where(Scheme.version == version)
        else:
            await Scheme.insert(Scheme(**values))
        changed = {
            name: [asdict(was)[name], value]
            for name, value in asdict(facts).items()
            if asdict(was)[name] != value
        }
        await entries.record("scheme.saved", "scheme", 1, by=by, changed=changed)


def may_manage(by: Actor) -> bool:
    """May this account change the register: a coordinator of the overseeing section?"""
    return oversees(by)


def check_may_manage(by: Actor | None) -> None:
    """Refused for who only reads the register; None is the command line or the public form."""
    if by is not None and not may_manage(by):
        raise Refused("The register of supporters is changed by the overseeing section.")


def check_may_edit(by: Actor) -> None:
    """Administrators, and coordinators of the section that oversees all (P1)."""
    if not keeps_masters(by):
        raise Refused("The supporter settings belong to the overseeing section.")
