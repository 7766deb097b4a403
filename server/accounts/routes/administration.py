"""The administrator's list of accounts."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.accounts import accounts, queries
from server.accounts.forms import ROLE_WORDS, AccountForm
from server.accounts.routes.signing_in import refused_page
from server.places import directory
from server.places.tables import Venue
from server.refusals import Refused
from server.roles import Role
from server.web.pages import note_of, page, see_other
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
ADMINISTRATOR = {Role.administrator}
NOTES = {"disabled": _("%(login)s is disabled."), "reopened": _("%(login)s is in use again.")}


@get("/staff/accounts", roles=ADMINISTRATOR)
async def list_accounts(request: AnyRequest) -> Response[str]:
    """Every account, what it may do, and whether it is closed."""
    return await _account_list(request)


async def _account_list(
    request: AnyRequest, refused: Refused | None = None, status_code: int = 200
) -> Response[str]:
    form = AccountForm()
    if refused is not None:
        form.refuse(refused)
    rows = await queries.every_account()
    note = note_of(request, NOTES)
    login = request.query_params.get("login", "")
    known = login in {row["login"] for row in rows}
    words = {role.value: said for role, said in ROLE_WORDS.items()}
    return page(
        request,
        "accounts/accounts.html",
        form=form,
        rows=rows,
        role_words=words,
        note_words=note % {"login": login} if note and known else None,
        status_code=status_code,
    )


@get("/staff/accounts/new", roles=ADMINISTRATOR)
async def new_account(request: AnyRequest) -> Response[str]:
    """The form for a new account."""
    return page(request, "accounts/account_new.html", form=await _offered(AccountForm()))


@post("/staff/accounts", roles=ADMINISTRATOR)
async def create_account(request: AnyRequest) -> Response[str]:
    """Open an account and show its first password, this once."""
    form = await _offered(AccountForm(await request.form()))
    if not form.validate():
        return page(request, "accounts/account_new.html", form=form, status_code=422)
    try:
        _, password = await accounts.add(
            form.typed("login"),
            form.typed("name"),
            {Role(form.role.data)},
            section_id=form.section.data,
            venue_id=form.venue.data,
            by=request.user,
        )
    except Refused as refused:
        return refused_page(request, "accounts/account_new.html", form, refused)
    return _show_password(request, form.typed("login"), password)


async def _offered(form: AccountForm) -> AccountForm:
    return form.offer(
        await directory.sections(),
        await Venue.select(Venue.id, Venue.name).order_by(Venue.reading),
    )


def _show_password(request: AnyRequest, login: str, password: str) -> Response[str]:
    return page(request, "accounts/fresh_password.html", login=login, password=password)


@get("/staff/accounts/{account_id:int}/password", roles=ADMINISTRATOR)
async def new_password(request: AnyRequest, account_id: FromPath[int]) -> Response[str]:
    """Ask once before the present password of somebody stops working."""
    account = await provide_account(account_id)
    return page(request, "accounts/password_reset.html", account=account)


@get("/staff/accounts/{account_id:int}/disablement", roles=ADMINISTRATOR)
async def new_disablement(request: AnyRequest, account_id: FromPath[int]) -> Response[str]:
    """Ask once before somebody is shut out."""
    account = await provide_account(account_id)
    return page(request, "accounts/disablement.html", account=account)


async def provide_account(account_id: int) -> dict[str, Any]:
    """The account, or none is there."""
    account = await queries.account(account_id)
    if account is None:
        raise NotFoundException
    return account


def _back(note: str, account: dict[str, Any]) -> Response[str]:
    return see_other(f"/staff/accounts?{urlencode({'done': note, 'login': account['login']})}")


@post("/staff/accounts/{account_id:int}/password", roles=ADMINISTRATOR)
async def create_password(request: AnyRequest, account_id: FromPath[int]) -> Response[str]:
    """Give an account a new password, shown this once."""
    try:
        password = await accounts.reset_password(account_id, by=request.user)
    except Refused as refused:
        return await _account_list(request, refused, status_code=409)
    return _show_password(request, (await provide_account(account_id))["login"], password)


@post("/staff/accounts/{account_id:int}/disablement", roles=ADMINISTRATOR)
async def create_disablement(request: AnyRequest, account_id: FromPath[int]) -> Response[Any]:
    """Close an account."""
    try:
        await accounts.disable(account_id, by=request.user)
    except Refused as refused:
        return await _account_list(request, refused, status_code=409)
    return _back("disabled", await provide_account(account_id))


@post("/staff/accounts/{account_id:int}/reopening", roles=ADMINISTRATOR)
async def create_reopening(request: AnyRequest, account_id: FromPath[int]) -> Response[Any]:
    """Open a closed account again."""
    try:
        await accounts.reopen(account_id, by=request.user)
    except Refused as refused:
        return await _account_list(request, refused, status_code=409)
    return _back("reopened", await provide_account(account_id))


handlers = [
    list_accounts,
    new_account,
    create_account,
    new_password,
    create_password,
    new_disablement,
    create_disablement,
    create_reopening,
]
