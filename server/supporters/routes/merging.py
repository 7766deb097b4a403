"""Two rows that are one human being: shown side by side, merged, and parted again."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.people import merging
from server.refusals import Refused
from server.supporters import register, schemes, stages
from server.supporters.forms import DuplicateForm
from server.supporters.queries import IN_ORDER
from server.supporters.register import Filters
from server.supporters.routes.notes import done, stage_words
from server.supporters.routes.register import COORDINATORS, note_reading, provide_managed
from server.supporters.tables import Stage
from server.web.addresses import sought
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

MOST = 20


@get("/staff/supporters/{supporter_id:int}/merging", roles=COORDINATORS)
async def new_merging(request: AnyRequest, supporter_id: FromPath[int]) -> Response[str]:
    """Look for the duplicate, first among those of the same reading."""
    supporter = await provide_managed(request, supporter_id)
    words = sought(request.query_params.get("q"))
    found, _more = await register.listed(Filters(words=words or supporter["reading"]))
    rows = [row for row in found if row["person_id"] != supporter["person_id"]][:MOST]
    await note_reading(request, [row["id"] for row in rows])
    return page(
        request,
        "supporters/merging.html",
        supporter=supporter,
        words=words,
        rows=[row | {"stage_words": stage_words(row["stage"])} for row in rows],
    )


@get("/staff/supporters/{supporter_id:int}/merging/{other_id:int}", roles=COORDINATORS)
async def show_merging(
    request: AnyRequest, supporter_id: FromPath[int], other_id: FromPath[int]
) -> Response[str]:
    """Both side by side, and what would happen."""
    pair = await _provide_pair(request, supporter_id, other_id)
    return await _pair_page(request, DuplicateForm(needed=_births_differ(*pair)), *pair)


@post("/staff/supporters/{supporter_id:int}/merging/{other_id:int}", roles=COORDINATORS)
async def create_merging(
    request: AnyRequest, supporter_id: FromPath[int], other_id: FromPath[int]
) -> Response[Any]:
    """Make the two one person; the first one stays."""
    supporter, other = await _provide_pair(request, supporter_id, other_id)
    form = DuplicateForm(await request.form(), needed=_births_differ(supporter, other))
    if not form.validate():
        return await _pair_page(request, form, supporter, other, status_code=422)
    why = form.typed("despite")
    try:
        await merging.merge(
            other["person_id"], supporter["person_id"], despite=why, by=request.user
        )
    except Refused as refused:
        form.refuse(refused)
        return await _pair_page(request, form, supporter, other, status_code=409)
    return done(f"/staff/supporters/{supporter_id}", "merged")


@get("/staff/supporters/{supporter_id:int}/parting/{person_id:int}", roles=COORDINATORS)
async def new_parting(
    request: AnyRequest, supporter_id: FromPath[int], person_id: FromPath[int]
) -> Response[str]:
    """Ask once whether the two are to be parted."""
    supporter = await provide_managed(request, supporter_id)
    others = await register.duplicates(supporter["person_id"])
    other = next((row for row in others if row["person_id"] == person_id), None)
    if other is None:
        raise NotFoundException
    return page(request, "supporters/parting.html", supporter=supporter, other=other)


@post("/staff/supporters/{supporter_id:int}/parting/{person_id:int}", roles=COORDINATORS)
async def create_parting(
    request: AnyRequest, supporter_id: FromPath[int], person_id: FromPath[int]
) -> Response[Any]:
    """Part a duplicate that turned out to be somebody else."""
    supporter = await provide_managed(request, supporter_id)
    selves = await merging.selves([supporter["person_id"]])
    if person_id in selves[supporter["person_id"]][1:]:
        await merging.separate(person_id, by=request.user)
    return done(f"/staff/supporters/{supporter_id}", "parted")


async def _provide_pair(request: AnyRequest, supporter_id: int, other_id: int) -> tuple[Row, Row]:
    if supporter_id == other_id:
        raise NotFoundException
    return (
        await provide_managed(request, supporter_id),
        await provide_managed(request, other_id),
    )


async def _pair_page(
    request: AnyRequest, form: DuplicateForm, supporter: Row, other: Row, status_code: int = 200
) -> Response[str]:
    counted_stage = (await schemes.current()).counted_stage
    both = [
        row
        | {
            "stage_words": stage_words(row["stage"]),
            "counted_on": await _counted_on(row["id"], counted_stage),
        }
        for row in (supporter, other)
    ]
    days = [row["counted_on"] for row in both if row["counted_on"]]
    return page(
        request,
        "supporters/merging_pair.html",
        form=form,
        supporter=supporter,
        other=other,
        both=both,
        counted_on=min(days, default=None),
        births_differ=_births_differ(supporter, other),
        status_code=status_code,
    )


def _births_differ(supporter: Row, other: Row) -> bool:
    return len({supporter["birth_on"], other["birth_on"]} - {None}) > 1


async def _counted_on(supporter_id: int, stage: Stage) -> date | None:
    """Since when a supporter counts as trained (S1)."""
    reached = [
        row["effective_on"]
        for row in await stages.history(supporter_id)
        if row["voided_at"] is None
        and row["stage"] != Stage.withdrawn
        and IN_ORDER.index(row["stage"]) >= IN_ORDER.index(stage)
    ]
    return min(reached, default=None)


handlers = [new_merging, show_merging, create_merging, new_parting, create_parting]
