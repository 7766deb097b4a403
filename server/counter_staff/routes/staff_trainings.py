"""Trainings for counter staff: what is offered, one of them, and saying that one took it."""

from collections.abc import Awaitable
from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.counter_staff import completions, staff_accounts, staff_trainings, videos
from server.counter_staff.routes.staff_notes import COORDINATORS, NOTES, done
from server.counter_staff.routes.staff_training_forms import KIND_WORDS, TrainingForm
from server.counter_staff.tables import StaffTrainingKind
from server.refusals import Refused, Stale
from server.roles import Role
from server.web.access import STAFF
from server.web.form_page import Asking, form_page
from server.web.forms import Form
from server.web.pages import note_of, page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

LIST = "/staff/trainings"


@get(LIST, roles=STAFF)
async def list_trainings(request: AnyRequest) -> Response[str]:
    """The trainings, the latest first, and which of them the viewer has completed."""
    coordinator = Role.coordinator in request.user.roles
    retired = coordinator and request.query_params.get("retired") == "y"
    rows = await staff_trainings.listed(retired=retired)
    member = await staff_accounts.of_account(request.user.id)
    taken = await completions.of_member(member["id"]) if member else []
    own = {row["training"]: row["completed_on"] for row in reversed(taken)}
    return page(
        request,
        "counter_staff/staff_trainings.html",
        rows=[shown(row) | _own(row, own.get(row["id"])) for row in rows],
        retired=retired,
        coordinator=coordinator,
        is_member=member is not None,
        note_words=note_of(request, NOTES),
    )


@get(f"{LIST}/new", roles=COORDINATORS)
async def new_training(request: AnyRequest) -> Response[str]:
    """A form for a training."""
    return _form_page(request, TrainingForm(None, await staff_trainings.courses()))


@post(f"{LIST}/new", roles=COORDINATORS)
async def create_training(request: AnyRequest) -> Response[Any]:
    """Offer a training."""
    form = TrainingForm(await request.form(), await staff_trainings.courses())
    if not form.validate():
        return _form_page(request, form, status_code=422)
    try:
        row = await staff_trainings.create(form.facts(), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, status_code=409)
    return done(f"{LIST}/{row['id']}", "created")


@get(LIST + "/{training_id:int}", roles=STAFF)
async def show_training(request: AnyRequest, training_id: FromPath[int]) -> Response[str]:
    """One training: watch it, say that one has completed it, and for coordinators what to do."""
    return await training_page(request, await provide_training(training_id), Form())


@get(LIST + "/{training_id:int}/edit", roles=COORDINATORS)
async def edit_training(request: AnyRequest, training_id: FromPath[int]) -> Response[str]:
    """A training, to be changed."""
    row = await provide_training(training_id)
    return _form_page(request, TrainingForm(None, await staff_trainings.courses(), row), row)


@post(LIST + "/{training_id:int}/edit", roles=COORDINATORS)
async def update_training(request: AnyRequest, training_id: FromPath[int]) -> Response[Any]:
    """Save what was changed beside what others have saved; show what two have changed."""
    row = await provide_training(training_id)
    known = await staff_trainings.courses()
    form = TrainingForm(await request.form(), known, row)
    if not form.validate():
        return _form_page(request, form, row, status_code=422)
    note = "saved"
    if form.seen != row["version"]:
        conflict = form.merge(TrainingForm(None, known, row))
        if conflict:
            return _form_page(request, form, row, conflict=conflict, status_code=409)
        note = "merged_changes"
    try:
        await staff_trainings.edit(
            training_id, form.facts(), version=row["version"], by=request.user
        )
    except (Stale, Refused) as refused:
        form.refuse(refused)
        return _form_page(request, form, row, status_code=409)
    return done(f"{LIST}/{training_id}", note)


@post(LIST + "/{training_id:int}/retirement", roles=COORDINATORS)
async def create_retirement(request: AnyRequest, training_id: FromPath[int]) -> Response[Any]:
    """Offer it no more."""
    act = staff_trainings.retire(training_id, by=request.user)
    return await _changed(request, training_id, act, "retired")


@post(LIST + "/{training_id:int}/return", roles=COORDINATORS)
async def create_return(request: AnyRequest, training_id: FromPath[int]) -> Response[Any]:
    """Offer a retired one again."""
    act = staff_trainings.bring_back(training_id, by=request.user)
    return await _changed(request, training_id, act, "brought_back")


@post(LIST + "/{training_id:int}/own", roles=STAFF)
async def create_own_completion(request: AnyRequest, training_id: FromPath[int]) -> Response[Any]:
    """Say that one has completed it today."""
    act = completions.complete_own(training_id, by=request.user)
    return await _changed(request, training_id, act, "completed")


async def _changed(
    request: AnyRequest, training_id: int, act: Awaitable[None], note: str
) -> Response[Any]:
    try:
        await act
    except Refused as refused:
        form = Form()
        form.refuse(refused)
        return await training_page(
            request, await provide_training(training_id), form, status_code=409
        )
    return done(f"{LIST}/{training_id}", note)


async def provide_training(training_id: int) -> Row:
    """The training, or 404."""
    row = await staff_trainings.get(training_id)
    if row is None:
        raise NotFoundException
    return row


async def training_page(
    request: AnyRequest, row: Row, form: Form, status_code: int = 200
) -> Response[str]:
    """One training, with what was refused."""
    coordinator = Role.coordinator in request.user.roles
    member = await staff_accounts.of_account(request.user.id)
    taken = await completions.of_member(member["id"]) if member else []
    own_on = next((each["completed_on"] for each in taken if each["training"] == row["id"]), None)
    own_kind = row["kind"] != StaffTrainingKind.dated
    return page(
        request,
        "counter_staff/staff_training.html",
        training=shown(row),
        form=form,
        video=await videos.of(row["id"]),
        most_megabytes=videos.MOST_BYTES // 1024 // 1024,
        **_own(row, own_on),
        is_member=member is not None,
        own_kind=own_kind,
        coordinator=coordinator,
        may_edit=coordinator and await staff_trainings.may_edit(row["course"], request.user),
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


def _own(row: Row, own_on: date | None) -> Row:
    """When she completed it last, and may she do so (again), in this fiscal year (H5)?"""
    today = clock.today()
    taken = own_on is not None and clock.fiscal_year(own_on) == clock.fiscal_year(today)
    return {"own_on": own_on, "own_due": staff_trainings.is_offered(row, today) and not taken}


def shown(row: Row) -> Row:
    """A training with its kind in words and how it stands today."""
    today = clock.today()
    if row["retired_at"]:
        state = "retired"
    elif today < row["first_on"]:
        state = "to_come"
    else:
        state = "offer_over" if today > row["last_on"] else "on_offer"
    words = {
        "retired": _("no longer offered"),
        "to_come": _("to come"),
        "offer_over": _("over"),
        "on_offer": _("can be taken now"),
    }
    kind = str(KIND_WORDS[StaffTrainingKind(row["kind"])])
    return row | {"kind_words": kind, "standing": state, "standing_words": words[state]}


def _form_page(
    request: AnyRequest,
    form: TrainingForm,
    row: Row | None = None,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    path = f"{LIST}/{row['id']}" if row else LIST
    return form_page(
        request,
        form,
        Asking(
            title=_("Change a training") if row else _("Add a training"),
            back=path,
            action=f"{path}/edit" if row else f"{LIST}/new",
            button=_("Save") if row else _("Offer this training"),
        ),
        conflict=conflict,
        status_code=status_code,
    )


handlers: list[Any] = [
    list_trainings,
    new_training,
    create_training,
    show_training,
    edit_training,
    update_training,
    create_retirement,
    create_return,
    create_own_completion,
]
