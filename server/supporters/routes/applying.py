"""Applying to be a supporter: write, check, done; nothing is saved before the last step."""

import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict

from server import clock, phones
from server.places import directory
from server.refusals import Refused
from server.supporters import applications
from server.supporters.routes.apply_forms import ApplyForm, born_words
from server.training import programmes
from server.web.fields import SUBMISSION
from server.web.pages import page, see_other
from server.web.saying import say
from server.web.words import gettext

AnyRequest = Request[Any, Any, Any]


@get("/supporters/apply", public=True)
async def new_application(request: AnyRequest) -> Response[str]:
    """The form."""
    return await _form_page(request, ApplyForm(None, await directory.districts()), 200)


@post("/supporters/apply", public=True, status_code=200, history=True)
async def create_confirmation(request: AnyRequest) -> Response[str]:
    """The page on which everything is read once more; or the form, to correct."""
    formdata = await request.form()
    form = ApplyForm(formdata, await directory.districts())
    if "correct" in formdata:
        return await _form_page(request, form, 200)
    return await _confirm(request, form, formdata)


@post("/supporters/applications", public=True, status_code=200, history=True)
async def create_application(request: AnyRequest) -> Response[Any]:
    """Keep the application; pressed twice, the first one again."""
    formdata = await request.form()
    form = ApplyForm(formdata, await directory.districts())
    submission = str(formdata.get("submission", ""))
    if not form.validate():
        return await _form_page(request, form, 422)
    if not SUBMISSION.fullmatch(submission):
        form.refuse(Refused("Nothing was sent yet. Please press the button once more."))
        return _confirmation_page(request, form, formdata, 422)
    try:
        await applications.apply(form.applicant(), submission=submission)
    except Refused as refused:
        if refused.msgid in (applications.ARRIVED_ALREADY, applications.SUPPORTER_ALREADY):
            return page(
                request, "supporters/apply_already.html", words=say(refused), status_code=409
            )
        form.refuse(refused)
        return await _form_page(request, form, 409)
    return see_other("/supporters/apply/done")


@get("/supporters/apply/done", public=True)
async def show_done(request: AnyRequest) -> Response[str]:
    """What happens next."""
    return page(request, "supporters/apply_done.html")


async def _confirm(request: AnyRequest, form: ApplyForm, formdata: FormMultiDict) -> Response[str]:
    if not form.validate():
        return await _form_page(request, form, 422)
    try:
        applications.check_old_enough(form["birth_on"].data, clock.today())
    except Refused as refused:
        form.refuse(refused, "birth_on")
        return await _form_page(request, form, 409)
    return _confirmation_page(request, form, formdata, 200)


async def _form_page(request: AnyRequest, form: ApplyForm, status_code: int) -> Response[str]:
    return page(
        request,
        "supporters/apply.html",
        form=form,
        programmes=[
            {**each, "requirements": await programmes.requirements(each["id"])}
            for each in await programmes.published()
        ],
        status_code=status_code,
    )


def _confirmation_page(
    request: AnyRequest, form: ApplyForm, formdata: FormMultiDict, status_code: int
) -> Response[str]:
    """All that was typed, to be read once more; its button carries the fields as hidden ones."""
    names = {field.name for field in form}
    hidden = [
        (name, value)
        for name, value in formdata.multi_items()
        if name in names and isinstance(value, str) and (value or name == "birth_on")
    ]
    return page(
        request,
        "supporters/apply_confirmation.html",
        form=form,
        answers=_answers(form),
        hidden=[*hidden, ("submission", secrets.token_urlsafe(16))],
        status_code=status_code,
    )


def _answers(form: ApplyForm) -> list[tuple[str, str]]:
    """What was answered, in words; the age is read back, so that a slip in the era shows."""
    said = []
    for field in form:
        words = born_words(field.data) if field.name == "birth_on" else _answer(field)
        if words:
            said.append((gettext(field.label.text), words))
    return said


def _answer(field: Any) -> str:
    if not hasattr(field, "iter_choices"):
        words = str(field.data or "")
        return phones.shown(words) if field.name == "phone" else words
    picked = field.data if isinstance(field.data, list) else [field.data]
    return gettext(", ").join(
        str(label) for value, label, *_ in field.iter_choices() if value in picked
    )


handlers = [new_application, create_confirmation, create_application, show_done]
