"""What a draft of a programme asks for: added, changed, taken out."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.refusals import Refused, Stale
from server.training import programmes, requirements
from server.training.forms import RequirementForm
from server.training.routes.programmes import SEES_PROGRAMMES, done, provide_programme
from server.training.tables import RequirementKind, Unit
from server.web.pages import page
from server.web.versions import VersionedForm

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/programmes/{programme_id:int}/requirements/new", roles=SEES_PROGRAMMES)
async def new_requirement(request: AnyRequest, programme_id: FromPath[int]) -> Response[str]:
    """The form for something more that a draft asks for."""
    programme = await provide_programme(programme_id)
    older = await requirements.left_behind(programme)
    form = RequirementForm(None, older, await _usual(programme))
    return _form_page(request, form, programme)


@post("/staff/programmes/{programme_id:int}/requirements/new", roles=SEES_PROGRAMMES)
async def create_requirement(request: AnyRequest, programme_id: FromPath[int]) -> Response[Any]:
    """Add to what a draft asks for."""
    programme = await provide_programme(programme_id)
    older = await requirements.left_behind(programme)
    form = RequirementForm(await request.form(), older, await _usual(programme))
    if not form.validate():
        return _form_page(request, form, programme, status_code=422)
    try:
        await requirements.add(programme_id, form.facts(), version=form.seen, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        if isinstance(refused, Stale):
            form.version.data = str(refused.current["version"])
        return _form_page(request, form, programme, status_code=409)
    return done(programme_id, "added")


@get("/staff/requirements/{requirement_id:int}/edit", roles=SEES_PROGRAMMES)
async def edit_requirement(request: AnyRequest, requirement_id: FromPath[int]) -> Response[str]:
    """The form for what a draft asks for."""
    requirement, programme = await _provide(requirement_id)
    older = await requirements.left_behind(programme, requirement_id)
    form = RequirementForm(None, older, _known(requirement, programme))
    return _form_page(request, form, programme, requirement)


@post("/staff/requirements/{requirement_id:int}/edit", roles=SEES_PROGRAMMES)
async def update_requirement(request: AnyRequest, requirement_id: FromPath[int]) -> Response[Any]:
    """Save it beside what others have saved; show what two have changed."""
    requirement, programme = await _provide(requirement_id)
    older = await requirements.left_behind(programme, requirement_id)
    known = _known(requirement, programme)
    form = RequirementForm(await request.form(), older, known)
    if not form.validate():
        return _form_page(request, form, programme, requirement, status_code=422)
    note = "saved"
    if form.seen != programme["version"]:
        conflict = form.merge(RequirementForm(None, older, known))
        if conflict:
            return _form_page(
                request, form, programme, requirement, conflict=conflict, status_code=409
            )
        note = "merged"
    try:
        await requirements.edit(requirement_id, form.facts(), version=form.seen, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, programme, requirement, status_code=409)
    return done(programme["id"], note)


@get("/staff/requirements/{requirement_id:int}/removal", roles=SEES_PROGRAMMES)
async def new_removal(request: AnyRequest, requirement_id: FromPath[int]) -> Response[str]:
    """Ask once whether something is to be taken out of a draft."""
    requirement, programme = await _provide(requirement_id)
    form = VersionedForm(data={"version": programme["version"]})
    return _removal_page(request, form, programme, requirement)


@post("/staff/requirements/{requirement_id:int}/removal", roles=SEES_PROGRAMMES)
async def create_removal(request: AnyRequest, requirement_id: FromPath[int]) -> Response[Any]:
    """Take something out of a draft."""
    requirement, programme = await _provide(requirement_id)
    form = VersionedForm(await request.form())
    try:
        await requirements.remove(requirement_id, version=form.seen, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        if isinstance(refused, Stale):
            form.version.data = str(refused.current["version"])
        return _removal_page(request, form, programme, requirement, status_code=409)
    return done(programme["id"], "removed")


async def _provide(requirement_id: int) -> tuple[Row, Row]:
    requirement = await requirements.get(requirement_id)
    if requirement is None:
        raise NotFoundException
    return requirement, await provide_programme(requirement["programme"])


async def _usual(programme: Row) -> Row:
    """What mostly fits the next thing that is asked for."""
    known = await programmes.requirements(programme["id"])
    left = await requirements.left_behind(programme)
    used = {row["code"] for row in [*known, *left]}
    number = next(each for each in range(len(known) + 1, 10_000) if f"r{each}" not in used)
    return {
        "version": programme["version"],
        "code": f"r{number}",
        "kind": RequirementKind.lecture.value,
        "unit": Unit.sessions.value,
        "needed": 1,
        "position": max((row["position"] for row in known), default=0) + 1,
    }


def _known(requirement: Row, programme: Row) -> Row:
    replaced = [code for code in requirement["replaces"].split(",") if code]
    return requirement | {"version": programme["version"], "replaces": replaced}


def _form_page(
    request: AnyRequest,
    form: RequirementForm,
    programme: Row,
    requirement: Row | None = None,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "training/requirement_form.html",
        form=form,
        programme=programme,
        requirement=requirement,
        conflict=conflict,
        status_code=status_code,
    )


def _removal_page(
    request: AnyRequest,
    form: VersionedForm,
    programme: Row,
    requirement: Row,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "training/requirement_removal.html",
        form=form,
        programme=programme,
        requirement=requirement,
        status_code=status_code,
    )


handlers = [
    new_requirement,
    create_requirement,
    edit_requirement,
    update_requirement,
    new_removal,
    create_removal,
]
