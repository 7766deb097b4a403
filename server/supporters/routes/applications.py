"""The coordinator's pages of applications: who wants to help, and deciding about it."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.audit import entries
from server.refusals import Refused
from server.roles import Role
from server.supporters import applications, register, schemes
from server.supporters.forms import DEVICE_WORDS, LANGUAGE_WORDS, half_days, said
from server.supporters.routes.apply_forms import AcceptForm, DeclineForm, born_words
from server.supporters.tables import ApplicationState
from server.training import programmes
from server.web.forms import Form
from server.web.pages import note_of, page, see_other
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}
PAGE = "/staff/applications"
NOTES = {
    "accepted": _("%(name)s is accepted. The message stands on the call list."),
    "reopened": _("The decision about %(name)s is taken back. Please decide anew."),
    "declined": _("The application of %(name)s is declined. The message stands on the call list."),
}


@get("/staff/applications", roles=COORDINATORS)
async def list_applications(request: AnyRequest) -> Response[str]:
    """Those to decide about, the oldest first, and those decided last."""
    waiting, decided = await applications.waiting(), await applications.decided()
    open_ones = await applications.without_programme()
    await _note_reading(request, PAGE, [*waiting, *open_ones, *decided])
    return page(
        request,
        "supporters/applications.html",
        waiting=[_row(row) for row in waiting],
        without_programme=[_row(row) for row in open_ones],
        decided=[_row(row) for row in decided],
    )


@get("/staff/applications/{application_id:int}", roles=COORDINATORS)
async def show_application(request: AnyRequest, application_id: FromPath[int]) -> Response[str]:
    """All that was written, and the decision."""
    return await _application_page(request, await provide_application(application_id))


@post("/staff/applications/{application_id:int}/acceptance", roles=COORDINATORS)
async def create_acceptance(request: AnyRequest, application_id: FromPath[int]) -> Response[Any]:
    """Accept, with a message and a programme or none."""
    application = await provide_application(application_id)
    form = AcceptForm(await request.form(), await programmes.published())
    if not form.validate():
        return await _application_page(request, application, accepting=form, status_code=422)
    try:
        await applications.accept(
            application_id,
            form.typed("message"),
            programme_id=form.programme_id(),
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused)
        return await _application_page(
            request, await provide_application(application_id), accepting=form, status_code=409
        )
    return see_other(f"{PAGE}/{application_id}?done=accepted")


@post("/staff/applications/{application_id:int}/refusal", roles=COORDINATORS)
async def create_refusal(request: AnyRequest, application_id: FromPath[int]) -> Response[Any]:
    """Decline, with a kind message."""
    application = await provide_application(application_id)
    form = DeclineForm(await request.form())
    if not form.validate():
        return await _application_page(request, application, declining=form, status_code=422)
    try:
        await applications.decline(application_id, form.typed("message"), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _application_page(
            request, await provide_application(application_id), declining=form, status_code=409
        )
    return see_other(f"{PAGE}/{application_id}?done=declined")


@post("/staff/applications/{application_id:int}/reopening", roles=COORDINATORS)
async def create_reopening(request: AnyRequest, application_id: FromPath[int]) -> Response[Any]:
    """Take a decision back."""
    application = await provide_application(application_id)
    form = Form()
    try:
        await applications.reopen(application_id, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _application_page(request, application, refused_form=form, status_code=409)
    return see_other(f"{PAGE}/{application_id}?done=reopened")


async def provide_application(application_id: int) -> Row:
    """The application, or none is there."""
    application = await applications.get(application_id)
    if application is None:
        raise NotFoundException
    return application


async def _application_page(
    request: AnyRequest,
    application: Row,
    *,
    accepting: AcceptForm | None = None,
    declining: DeclineForm | None = None,
    refused_form: Form | None = None,
    status_code: int = 200,
) -> Response[str]:
    supporter = await register.get(application["supporter"])
    assert supporter is not None
    earlier = await applications.of_supporter(application["supporter"])
    await _note_reading(request, f"{PAGE}/{application['id']}", [application])
    note = note_of(request, NOTES)
    return page(
        request,
        "supporters/application.html",
        status_code=status_code,
        row=_row(application),
        supporter=supporter,
        earlier=[_row(row) for row in earlier if row["id"] != application["id"]],
        accepting=accepting or AcceptForm(None, await programmes.published()),
        declining=declining or DeclineForm(None),
        refused_form=accepting or declining or refused_form,
        may_reopen=await _may_reopen(application),
        waiting=[row for row in await applications.waiting() if row["id"] != application["id"]],
        may_manage=schemes.may_manage(request.user),
        may_invite=await _may_invite(supporter),
        note_words=note % {"name": application["name"]} if note else None,
    )


async def _may_reopen(application: Row) -> bool:
    if application["state"] == ApplicationState.received:
        return False
    try:
        await applications.check_nothing_rests_on(application)
    except Refused:
        return False
    return True


async def _may_invite(supporter: Row) -> bool:
    try:
        await applications.check_may_be_invited(supporter)
    except Refused:
        return False
    return True


async def _note_reading(request: AnyRequest, path: str, rows: list[Row]) -> None:
    await entries.record_reading(path, "application", [row["id"] for row in rows], by=request.user)


def _row(row: Row) -> Row:
    return row | {
        "born_words": born_words(row["birth_on"]),
        "age": clock.age(row["birth_on"], clock.today()),
        "days_words": said(row["days"], dict(half_days())),
        "device_words": said(row["devices"], DEVICE_WORDS),
        "language_words": said(row["languages"], LANGUAGE_WORDS),
    }


handlers = [
    list_applications,
    show_application,
    create_acceptance,
    create_refusal,
    create_reopening,
]
