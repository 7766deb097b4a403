"""Completion: who is waiting for it, records entered by hand, and the certificate on paper."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.audit import entries
from server.refusals import Refused
from server.supporters import register, schemes
from server.supporters.forms import ReasonForm, RecordForm
from server.supporters.routes.notes import done
from server.supporters.routes.register import COORDINATORS, note_reading, provide_managed
from server.training import certificates, progress, records
from server.web.pages import page

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/supporters/due", roles=COORDINATORS)
async def list_due(request: AnyRequest) -> Response[str]:
    """Who has done all and waits for the certificate; longest first."""
    everybody, _more = await register.listed(register.Filters(), page=None)
    held = {row["person_id"]: row["id"] for row in everybody}
    rows = [
        row | {"supporter_id": held[row["person_id"]]}
        for row in await certificates.due()
        if row["person_id"] in held  # counter staff train too
    ]
    await note_reading(request, [row["supporter_id"] for row in rows])
    return page(request, "supporters/due.html", rows=rows)


@get("/staff/certificates/{certificate_id:int}", roles=COORDINATORS)
async def show_certificate(request: AnyRequest, certificate_id: FromPath[int]) -> Response[str]:
    """The certificate, to be printed on A4."""
    certificate = await certificates.get(certificate_id)
    if certificate is None:
        raise NotFoundException
    await entries.record_reading(request.url.path, "certificate", [certificate_id], by=request.user)
    supporter = await register.of_person(certificate["person"])
    return page(
        request,
        "supporters/certificate.html",
        certificate=certificate,
        supporter=supporter,
        issuer=(await schemes.current()).issuer,
    )


@get("/staff/supporters/{supporter_id:int}/records/new", roles=COORDINATORS)
async def new_record(request: AnyRequest, supporter_id: FromPath[int]) -> Response[str]:
    """What was done of which requirement, and why it is entered by hand."""
    supporter = await provide_managed(request, supporter_id)
    return _record_page(request, RecordForm(None, await _requirements(supporter)), supporter)


@post("/staff/supporters/{supporter_id:int}/records/new", roles=COORDINATORS)
async def create_record(request: AnyRequest, supporter_id: FromPath[int]) -> Response[Any]:
    """Enter a training record with its reason (S2)."""
    supporter = await provide_managed(request, supporter_id)
    form = RecordForm(await request.form(), await _requirements(supporter))
    if not form.validate():
        return _record_page(request, form, supporter, status_code=422)
    typed = form.data
    try:
        await records.add(
            supporter["person_id"],
            typed["requirement"],
            typed["done_on"],
            typed["minutes"],
            form.typed("reason"),
            submission=form.typed("submission"),
            same_day=form.typed("same_day") == form.same_day_asked(),
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused)
        is_same_day = isinstance(refused, records.SameDay)
        form.same_day.data = form.same_day_asked() if is_same_day else ""
        return _record_page(request, form, supporter, status_code=409)
    return done(f"/staff/supporters/{supporter_id}", "record_added")


@get("/staff/supporters/{supporter_id:int}/records/{record_id:int}/voiding", roles=COORDINATORS)
async def new_record_voiding(
    request: AnyRequest, supporter_id: FromPath[int], record_id: FromPath[int]
) -> Response[str]:
    """Which record is taken back, and why."""
    supporter, record = await _provide_record(request, supporter_id, record_id)
    return _void_page(request, ReasonForm(), supporter, record)


@post("/staff/supporters/{supporter_id:int}/records/{record_id:int}/voiding", roles=COORDINATORS)
async def create_record_voiding(
    request: AnyRequest, supporter_id: FromPath[int], record_id: FromPath[int]
) -> Response[Any]:
    """Take a mistaken record back: it no longer counts."""
    supporter, record = await _provide_record(request, supporter_id, record_id)
    form = ReasonForm(await request.form())
    if not form.validate():
        return _void_page(request, form, supporter, record, status_code=422)
    try:
        await records.void(record_id, form.typed("reason"), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _void_page(request, form, supporter, record, status_code=409)
    return done(f"/staff/supporters/{supporter_id}", "record_voided")


async def _requirements(supporter: Row) -> list[Row]:
    """What her programme asks for; not found where she is in none."""
    known = await progress.of(supporter["person_id"])
    if known is None:
        raise NotFoundException
    return [line.requirement for line in known.lines]


async def _provide_record(
    request: AnyRequest, supporter_id: int, record_id: int
) -> tuple[Row, Row]:
    supporter = await provide_managed(request, supporter_id)
    known = await progress.of(supporter["person_id"])
    if known is not None:
        own = [each for line in known.lines for each in line.records]
        for record in (*own, *known.other_records):
            if record["id"] == record_id:
                return supporter, record | {"leaves": await _leaves(supporter, known, record)}
    raise NotFoundException


async def _leaves(supporter: Row, known: progress.Progress, record: Row) -> str:
    """The number of the certificate that stays though the record then is missing; or ""."""
    given = [
        each for each in await certificates.of(supporter["person_id"]) if not each["voided_at"]
    ]
    without = [
        progress.Line(line.requirement, tuple(r for r in line.records if r["id"] != record["id"]))
        for line in known.lines
    ]
    missing = known.is_complete and not all(line.is_done for line in without)
    return str(given[0]["number"]) if missing and given else ""


def _record_page(
    request: AnyRequest, form: RecordForm, supporter: Row, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "supporters/record_form.html",
        form=form,
        supporter=supporter,
        status_code=status_code,
    )


def _void_page(
    request: AnyRequest, form: ReasonForm, supporter: Row, record: Row, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "supporters/record_voiding.html",
        form=form,
        supporter=supporter,
        record=record,
        status_code=status_code,
    )


handlers = [
    list_due,
    show_certificate,
    new_record,
    create_record,
    new_record_voiding,
    create_record_voiding,
]
