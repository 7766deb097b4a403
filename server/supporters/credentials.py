"""The dated papers of supporters: pledge, insurance, promotion member, qualifications (S8)."""

from datetime import date
from typing import Any

from server import clock
from server.audit import entries
from server.database import locked, writing
from server.refusals import N_, Refused
from server.roles import Actor
from server.supporters.queries import same_human, standing
from server.supporters.schemes import check_may_manage
from server.supporters.tables import Credential, CredentialKind, Stage

Row = dict[str, Any]

GONE = (Stage.withdrawn,)
NEEDED = {  # to help at all (S8)
    CredentialKind.pledge: N_("There is no pledge that is valid on {day}."),
    CredentialKind.insurance: N_("There is no volunteer insurance that is valid on {day}."),
}


async def add(
    supporter_id: int,
    kind: CredentialKind,
    valid_from: date,
    valid_until: date | None,
    name: str = "",
    *,
    submission: str | None = None,
    by: Actor | None,
) -> Row:
    """Add a paper, valid from a day to a day (None: without end), both included.

    `submission` names one press of the button: pressed again, it answers with the first result.
    Raises Refused where it ends before it begins, for an insurance without an end, and for a
    qualification without a name.
    """
    check_may_manage(by)
    if valid_until is not None and valid_until < valid_from:
        raise Refused("It cannot end before it begins.")
    if kind == CredentialKind.insurance and valid_until is None:
        raise Refused("Please fill in the last day of the insurance.")
    if kind == CredentialKind.qualification and not name:
        raise Refused("Please write which qualification it is.")
    paper = Credential(
        supporter=supporter_id,
        kind=kind,
        name=name,
        valid_from=valid_from,
        valid_until=valid_until,
        submission=submission,
        recorded_at=clock.now(),
        recorded_by=by.id if by else None,
    )
    async with writing():
        await locked(f"supporter:{supporter_id}")
        first = await _submitted_before(supporter_id, submission)
        if first is not None:
            return first
        await Credential.insert(paper)
        await entries.record(
            "supporter.paper_added",
            "supporter",
            supporter_id,
            by=by,
            credential_id=paper.id,
            kind=kind,
            valid_from=valid_from,
            valid_until=valid_until,
        )
    return paper.to_dict()


async def _submitted_before(supporter_id: int, submission: str | None) -> Row | None:
    if submission is None:
        return None
    pressed = Credential.submission == submission
    return await Credential.select().where(pressed & (Credential.supporter == supporter_id)).first()


async def void(credential_id: int, reason: str, *, by: Actor) -> None:
    """Take a paper back that was entered by mistake, or ended early; raises Refused if gone."""
    check_may_manage(by)
    if not reason:
        raise Refused("Please write why this paper is taken back.")
    async with writing():
        gone = (
            await Credential.update(voided_at=clock.now(), voided_by=by.id, void_reason=reason)
            .where((Credential.id == credential_id) & Credential.voided_at.is_null())
            .returning(Credential.supporter, Credential.kind)
        )
        if not gone:
            raise Refused("This paper has been taken back already.")
        await entries.record(
            "supporter.paper_voided",
            "supporter",
            gone[0]["supporter"],
            by=by,
            credential_id=credential_id,
            kind=gone[0]["kind"],
        )


async def of(supporter_id: int) -> list[Row]:
    """The papers that stand, of her and of merged duplicates, the newest first within a kind."""
    return await (
        Credential.select()
        .where(Credential.supporter.is_in(await same_human(supporter_id)))
        .where(Credential.voided_at.is_null())
        .order_by(Credential.kind)
        .order_by(Credential.valid_from, Credential.id, ascending=False)
    )


async def of_people() -> dict[int, list[Row]]:
    """The papers that everybody needs to help, by the id of the person who stays; one statement."""
    found: dict[int, list[Row]] = {}
    for row in await Credential.raw(_STANDING):
        if row["kind"] in NEEDED:
            found.setdefault(row["person_id"], []).append(row)
    return found


def is_valid(paper: Row, on: date) -> bool:
    """Does the paper hold on that day? Its first and last day are included."""
    ends = paper["valid_until"]
    return bool(paper["valid_from"] <= on and (ends is None or on <= ends))


def standing_of(paper: Row, on: date, ahead: int) -> str:
    """How a paper stands on a day: to_come, ended, ending within `ahead` days, or valid."""
    if paper["valid_from"] > on:
        return "to_come"
    ends = paper["valid_until"]
    if ends is None:
        return "valid"
    if ends < on:
        return "ended"
    return "ending" if (ends - on).days <= ahead else "valid"


async def get(credential_id: int, supporter_id: int) -> Row | None:
    """A paper of hers, taken back or not; None where it is not hers."""
    row: Row | None = await (
        Credential.select()
        .where(Credential.id == credential_id)
        .where(Credential.supporter.is_in(await same_human(supporter_id)))
        .first()
    )
    return row


async def check_valid(supporter_id: int, on: date) -> None:
    """Raise Refused unless a pledge and an insurance are valid on that day (S8)."""
    check_papers(await of(supporter_id), on)


def check_papers(papers: list[Row], on: date) -> None:
    """Raise Refused unless a pledge and an insurance among them are valid on that day (S8)."""
    for kind in NEEDED:
        check_paper(papers, kind, on)


def check_paper(papers: list[Row], kind: CredentialKind, on: date) -> None:
    """Raise Refused unless one of the papers is of that kind and valid on that day."""
    if not any(paper["kind"] == kind and is_valid(paper, on) for paper in papers):
        raise Refused(NEEDED[kind], day=on)


async def expiring(until: date) -> list[Row]:
    """The papers that end by that day, or have ended, with nothing after them; soonest first.

    Of supporters who have not withdrawn, each with `person_id`, `name` and `reading`.
    """
    gone = {row["person_id"] for row in await standing(clock.today()) if row["stage"] in GONE}
    last: dict[tuple[int, str, str], Row] = {}
    for row in await Credential.raw(_STANDING):  # in the order of their ends, endless ones last
        named = row["paper_name"] if row["kind"] == CredentialKind.qualification else ""
        last[row["person_id"], row["kind"], named] = row
    ends = [
        row
        for row in last.values()
        if row["person_id"] not in gone
        and row["valid_until"] is not None
        and row["valid_until"] <= until
    ]
    return sorted(ends, key=lambda row: (row["valid_until"], row["reading"], row["id"]))


_STANDING = """
SELECT credential.id, credential.supporter AS supporter_id, credential.kind,
    credential.name AS paper_name, credential.valid_from, credential.valid_until,
    stays.id AS person_id, stays.name, stays.reading
FROM credential
JOIN supporter ON supporter.id = credential.supporter
JOIN person ON person.id = supporter.person
JOIN person AS stays ON stays.id = COALESCE(person.merged_into, person.id)
WHERE credential.voided_at IS NULL
ORDER BY CASE WHEN credential.valid_until IS NULL THEN 1 ELSE 0 END, credential.valid_until,
    credential.id
"""
