"""The settings of how the city runs its supporters."""

from typing import Any

from litestar import Request, Response, get, post

from server.refusals import Refused
from server.roles import Role
from server.supporters import schemes
from server.supporters.forms import SchemeForm
from server.supporters.routes.notes import NOTES, done
from server.web.pages import note_of, page
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]

SETTLES = {Role.coordinator, Role.administrator}


@get("/staff/scheme", roles=SETTLES)
async def show_scheme(request: AnyRequest) -> Response[str]:
    """The settings; other sections read them only."""
    return _scheme_page(request, SchemeForm(None, *(await schemes.versioned())))


@post("/staff/scheme", roles=SETTLES)
async def update_scheme(request: AnyRequest) -> Response[Any]:
    """Save the settings beside what others have saved; show what two have changed."""
    facts, version = await schemes.versioned()
    form = SchemeForm(await request.form(), facts, version)
    if not form.validate():
        return _scheme_page(request, form, status_code=422)
    note = "saved"
    if form.seen != version:
        conflict = form.merge(SchemeForm(None, facts, version))
        if conflict:
            return _scheme_page(request, form, conflict=conflict, status_code=409)
        note = "merged_changes"
    try:
        await schemes.save(form.facts(), version=version, by=request.user)
    except Refused as refused:  # Stale too, in the very moment since the row was read
        form.refuse(refused)
        return _scheme_page(request, form, status_code=409)
    return done("/staff/scheme", note)


def _scheme_page(
    request: AnyRequest,
    form: SchemeForm,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    why_not = None
    try:
        schemes.check_may_edit(request.user)
    except Refused as refused:
        why_not = say(refused)
    return page(
        request,
        "supporters/scheme.html",
        form=form,
        conflict=conflict,
        why_not=why_not,
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


handlers = [show_scheme, update_scheme]
