"""Papers of a supporter, and the list of those that are about to end."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.refusals import Refused
from server.supporters import credentials, register, schemes
from server.supporters.forms import PaperForm, ReasonForm
from server.supporters.routes.notes import done, paper_words
from server.supporters.routes.register import COORDINATORS, note_reading, provide_managed
from server.supporters.tables import CredentialKind
from server.web.addresses import whole
from server.web.pages import page, see_other
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/supporters/papers", roles=COORDINATORS)
async def list_papers(request: AnyRequest) -> Response[str]:
    """Papers that have ended or end soon, with nothing after them; soonest first."""
    today, days = clock.today(), (await schemes.current()).expiry_days
    rows = await credentials.expiring(today + timedelta(days=days))
    await note_reading(request, sorted({row["supporter_id"] for row in rows}))
    shown = [
        row
        | {
            "kind_words": paper_words(row["kind"]),
            "standing": credentials.standing_of(row, today, days),
        }
        for row in rows
    ]
    return page(
        request,
        "supporters/papers.html",
        rows=shown,
        days=days,
        note_words=await _entered(str(request.query_params.get("next", ""))),
    )


@get("/staff/supporters/{supporter_id:int}/papers/new", roles=COORDINATORS)
async def new_paper(request: AnyRequest, supporter_id: FromPath[int]) -> Response[str]:
    """Which paper, valid from when to when; `?kind=` says which is likely meant."""
    supporter = await provide_managed(request, supporter_id)
    kind = str(request.query_params.get("kind", CredentialKind.pledge))
    before = await _before(supporter_id, str(request.query_params.get("after", "")))
    return _paper_page(request, PaperForm(None, kind, before), supporter)


@post("/staff/supporters/{supporter_id:int}/papers/new", roles=COORDINATORS)
async def create_paper(request: AnyRequest, supporter_id: FromPath[int]) -> Response[Any]:
    """Enter a paper."""
    supporter = await provide_managed(request, supporter_id)
    form = PaperForm(await request.form())
    if not form.validate():
        return _paper_page(request, form, supporter, status_code=422)
    try:
        await credentials.add(
            supporter_id,
            CredentialKind(form.kind.data),
            form.data["valid_from"],
            form.until,
            form.typed("name"),
            submission=form.typed("submission"),
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused)
        return _paper_page(request, form, supporter, status_code=409)
    if form.typed("after"):
        return see_other(f"/staff/supporters/papers?next={supporter_id}")
    return done(f"/staff/supporters/{supporter_id}", "paper_added")


@get("/staff/supporters/{supporter_id:int}/papers/{paper_id:int}/voiding", roles=COORDINATORS)
async def new_voiding(
    request: AnyRequest, supporter_id: FromPath[int], paper_id: FromPath[int]
) -> Response[str]:
    """Which paper is taken back, and why."""
    supporter, paper = await _provide_paper(request, supporter_id, paper_id)
    return _void_page(request, ReasonForm(), supporter, paper)


@post("/staff/supporters/{supporter_id:int}/papers/{paper_id:int}/voiding", roles=COORDINATORS)
async def create_voiding(
    request: AnyRequest, supporter_id: FromPath[int], paper_id: FromPath[int]
) -> Response[Any]:
    """Take a paper back."""
    supporter, paper = await _provide_paper(request, supporter_id, paper_id)
    form = ReasonForm(await request.form())
    if not form.validate():
        return _void_page(request, form, supporter, paper, status_code=422)
    try:
        await credentials.void(paper_id, form.typed("reason"), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _void_page(request, form, supporter, paper, status_code=409)
    return done(f"/staff/supporters/{supporter_id}", "paper_voided")


async def _before(supporter_id: int, words: str) -> Row | None:
    """The paper of hers that the address names, where it has an end that another may follow."""
    paper = await credentials.get(whole(words) or 0, supporter_id)
    return paper if paper and paper["valid_until"] else None


async def _entered(words: str) -> str | None:
    """Whose next paper has just been entered."""
    supporter = await register.get(whole(words) or 0)
    if supporter is None:
        return None
    return _("The next period of %(name)s is entered.") % {"name": supporter["name"]}


async def _provide_paper(request: AnyRequest, supporter_id: int, paper_id: int) -> tuple[Row, Row]:
    supporter = await provide_managed(request, supporter_id)
    paper = await credentials.get(paper_id, supporter_id)
    if paper is None:
        raise NotFoundException
    return supporter, paper | {"kind_words": paper_words(paper["kind"])}


def _paper_page(
    request: AnyRequest, form: PaperForm, supporter: Row, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "supporters/paper_form.html",
        form=form,
        supporter=supporter,
        status_code=status_code,
    )


def _void_page(
    request: AnyRequest, form: ReasonForm, supporter: Row, paper: Row, status_code: int = 200
) -> Response[str]:
    return page(
        request,
        "supporters/paper_voiding.html",
        form=form,
        supporter=supporter,
        paper=paper,
        status_code=status_code,
    )


handlers = [list_papers, new_paper, create_paper, new_voiding, create_voiding]
