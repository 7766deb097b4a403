"""One supporter on one page: facts, stages, training, papers, certificates, duplicates."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server import clock
from server.accounts.tables import Account
from server.people import merging
from server.refusals import Refused
from server.supporters import applications, credentials, register, schemes, stages
from server.supporters.forms import DEVICE_WORDS, LANGUAGE_WORDS, half_days, said
from server.supporters.routes.notes import NOTES, done, paper_words, stage_words
from server.supporters.routes.register import COORDINATORS, provide_managed, provide_supporter
from server.supporters.tables import Stage
from server.training import certificates, enrolments, programmes, progress, records
from server.web.forms import Form
from server.web.pages import note_of, page, see_other

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/supporters/{supporter_id:int}", roles=COORDINATORS)
async def show_supporter(request: AnyRequest, supporter_id: FromPath[int]) -> Response[str]:
    """All that the office keeps of a supporter; a merged duplicate leads to who stays."""
    supporter = await provide_supporter(request, supporter_id)
    if supporter["stays_id"] != supporter_id:
        return see_other(f"/staff/supporters/{supporter['stays_id']}")
    return await _supporter_page(request, supporter, Form())


@post("/staff/supporters/{supporter_id:int}/edition", roles=COORDINATORS)
async def update_edition(request: AnyRequest, supporter_id: FromPath[int]) -> Response[Any]:
    """Move to the newest edition of the programme; nothing done is lost."""
    supporter = await provide_managed(request, supporter_id)
    form = Form()
    try:
        newest = await _newer_edition(await enrolments.current(supporter["person_id"]))
        if newest is None:
            raise Refused("There is no newer edition of the programme.")
        await enrolments.move(supporter["person_id"], newest["id"], by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _supporter_page(request, supporter, form, status_code=409)
    return done(f"/staff/supporters/{supporter_id}", "moved")


async def _supporter_page(
    request: AnyRequest, supporter: Row, form: Form, status_code: int = 200
) -> Response[str]:
    person_id = supporter["person_id"]
    selves = list((await merging.selves([person_id]))[person_id])
    history = await stages.history(supporter["id"])
    live = [row for row in history if row["voided_at"] is None]
    done_so_far = await progress.of(person_id)
    enrolled = await enrolments.current(person_id)
    certified = request.query_params.get("done") == "certified"
    return page(
        request,
        "supporters/supporter.html",
        form=form,
        supporter=_shown(supporter),
        steps=_steps(live, is_complete=bool(done_so_far and done_so_far.is_complete)),
        history=[_stage_shown(row, live) for row in reversed(history)],
        papers=await _papers(supporter["id"]),
        missing_papers=await _missing(supporter["id"]),
        progress=done_so_far,
        voided_records=await records.voided(selves),
        newer_edition=await _newer_edition(enrolled),
        certificates=await certificates.of(person_id),
        duplicates=await register.duplicates(person_id),
        account=await Account.select(Account.login).where(Account.person.is_in(selves)).first(),
        may_manage=schemes.may_manage(request.user),
        application=(await applications.newest_of([supporter["id"]])).get(supporter["id"]),
        certified=certified,
        still_due=len(await certificates.due()) if certified else 0,
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


def _shown(supporter: Row) -> Row:
    born = supporter["birth_on"]
    return supporter | {
        "stage_words": stage_words(supporter["stage"]),
        "age": clock.age(born, clock.today()) if born else None,
        "languages_words": said(supporter["languages"], LANGUAGE_WORDS),
        "devices_words": said(supporter["devices"], DEVICE_WORDS),
        "days_words": said(supporter["days"], dict(half_days())),
    }


def _steps(live: list[Row], *, is_complete: bool) -> list[Row]:
    """The stages that may come next, each with its words; completing only once all is done."""
    return [
        {"stage": stage.value, "words": stage_words(stage)}
        for stage in stages.may_follow(live)
        if stage != Stage.applied and (stage != Stage.completed or is_complete)
    ]


def _stage_shown(row: Row, live: list[Row]) -> Row:
    return row | {
        "stage_words": stage_words(row["stage"]),
        "fiscal_year": clock.fiscal_year(row["effective_on"]),
        "can_undo": bool(live) and row["id"] == live[-1]["id"],
    }


async def _papers(supporter_id: int) -> list[Row]:
    scheme, today = await schemes.current(), clock.today()
    return [
        paper
        | {
            "kind_words": paper_words(paper["kind"]),
            "standing": credentials.standing_of(paper, today, scheme.expiry_days),
        }
        for paper in await credentials.of(supporter_id)
    ]


async def _missing(supporter_id: int) -> list[str]:
    """The papers without which nobody helps, that are not valid today (S8)."""
    papers, missing = await credentials.of(supporter_id), []
    for kind in credentials.NEEDED:
        try:
            credentials.check_paper(papers, kind, clock.today())
        except Refused:
            missing.append(paper_words(kind))
    return missing


async def _newer_edition(enrolled: Row | None) -> Row | None:
    if enrolled is None:
        return None
    for programme in await programmes.published():
        same = programme["code"] == enrolled["code"]
        if same and programme["edition"] > enrolled["edition"]:
            return programme
    return None


handlers = [show_supporter, update_edition]
