"""Taking a mistaken completion of a training back."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.counter_staff import completions, counter_staff, staff_trainings
from server.counter_staff.routes.completions import ticks_url
from server.counter_staff.routes.counter_staff_forms import ReasonForm
from server.counter_staff.routes.staff_notes import COORDINATORS, done, note_reading
from server.counter_staff.routes.staff_trainings import provide_training
from server.counter_staff.tables import StaffCompletion
from server.refusals import Refused
from server.web.dates import day
from server.web.form_page import Asking, form_page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/completions/{completion_id:int}/voiding", roles=COORDINATORS)
async def new_completion_voiding(
    request: AnyRequest, completion_id: FromPath[int]
) -> Response[str]:
    """Ask why a completion is taken back."""
    row, member, training = await _provide_completion(request, completion_id)
    return _voiding_page(request, ReasonForm(), row, member, training)


@post("/staff/completions/{completion_id:int}/voiding", roles=COORDINATORS)
async def create_completion_voiding(
    request: AnyRequest, completion_id: FromPath[int]
) -> Response[Any]:
    """Take a mistaken completion back."""
    row, member, training = await _provide_completion(request, completion_id)
    form = ReasonForm(await request.form())
    if not form.validate():
        return _voiding_page(request, form, row, member, training, status_code=422)
    try:
        await completions.void(completion_id, form.typed("reason"), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _voiding_page(request, form, row, member, training, status_code=409)
    return done(ticks_url(training["id"], row["fiscal_year"]), "taken_back")


async def _provide_completion(request: AnyRequest, completion_id: int) -> tuple[Row, Row, Row]:
    row = await StaffCompletion.select().where(StaffCompletion.id == completion_id).first()
    member = await counter_staff.get(row["member"]) if row else None
    if row is None or member is None:
        raise NotFoundException
    training = await provide_training(row["training"])
    keeps = await staff_trainings.may_edit(training["course"], request.user)
    if not keeps and not await counter_staff.may_edit(member["id"], request.user):
        raise NotFoundException
    await note_reading(request, [member["id"]])
    return row, member, training


def _voiding_page(
    request: AnyRequest,
    form: ReasonForm,
    row: Row,
    member: Row,
    training: Row,
    status_code: int = 200,
) -> Response[str]:
    return form_page(
        request,
        form,
        Asking(
            title=_("Take a completion back"),
            back=ticks_url(training["id"], row["fiscal_year"]),
            action=f"/staff/completions/{row['id']}/voiding",
            button=_("Take it back"),
            lead=_("It stays to be seen in the records, but counts no longer."),
            facts=[
                (_("Name"), member["name"]),
                (_("Counter staff training"), training["name"]),
                (_("Day of completion"), day(row["completed_on"])),
            ],
            stop=True,
        ),
        status_code=status_code,
    )


handlers: list[Any] = [new_completion_voiding, create_completion_voiding]
