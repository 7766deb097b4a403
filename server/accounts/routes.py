"""Signing in and out, one's password, and the administrator's list of accounts."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from server.accounts import accounts, queries, sign_in
from server.accounts.attempts import TooOften
from server.accounts.forms import ROLE_WORDS, AccountForm, PasswordForm, SignInForm
from server.accounts.sign_in import SignedIn
from server.places.tables import Section, Venue
from server.refusals import Refused
from server.roles import Role
from server.web import sessions
from server.web.access import EVERY_ROLE, STAFF, local_path, sender
from server.web.pages import page, see_other
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
ADMINISTRATOR = {Role.administrator}
NOTES = {"disabled": _("%(login)s is disabled."), "reopened": _("%(login)s is in use again.")}


@get("/sign-in", public=True)
async def new_sign_in(request: AnyRequest, next: FromQuery[str] = "") -> Response[Any]:  # noqa: A002
    """The form; who is signed in already goes on."""
    if request.user is not None:
        return see_other(local_path(next, first_page(request.user)))
    return page(request, "accounts/sign_in.html", form=SignInForm(data={"next": next}))


@post("/sign-in", public=True)
async def create_sign_in(request: AnyRequest) -> Response[Any]:
    """Sign in, always with a fresh token, and go on to where one wanted to go."""
    form = SignInForm(await request.form())
    if not form.validate():
        return page(request, "accounts/sign_in.html", form=form, status_code=422)
    try:
        token = await sign_in.sign_in(
            form.typed("login"),
            form.typed("password"),
            sender(request),
            instead_of=sessions.cookie(request.scope, sessions.SIGN_IN_COOKIE),
        )
    except Refused as refused:
        return _refused(request, "accounts/sign_in.html", form, refused)
    viewer = await sign_in.viewer_of(token)
    assert viewer is not None
    answer = see_other(
        "/sign-in/password"
        if viewer.must_change_password
        else local_path(form.next.data, first_page(viewer))
    )
    sessions.remember_sign_in(answer, token)
    return answer


def first_page(viewer: SignedIn) -> str:
    """Where somebody's work begins."""
    if viewer.roles == ADMINISTRATOR:
        return "/staff/accounts"
    return "/staff" if viewer.roles & STAFF else "/"


def _refused(request: AnyRequest, template: str, form: Any, refused: Refused) -> Response[str]:
    form.refuse(refused)
    if not isinstance(refused, TooOften):
        return page(request, template, form=form, status_code=409)
    answer = page(request, template, form=form, status_code=429)
    answer.headers["retry-after"] = str(refused.seconds)
    return answer


@post("/sign-out", roles=EVERY_ROLE, first=True)
async def create_sign_out(request: AnyRequest) -> Response[str]:
    """End the account's sign-ins everywhere."""
    await sign_in.sign_out(request.user.id)
    answer = see_other("/sign-in")
    sessions.forget_sign_in(answer)
    return answer


@get("/sign-in/password", roles=EVERY_ROLE, first=True)
async def edit_password(request: AnyRequest) -> Response[str]:
    """The form to change one's own password."""
    return page(request, "accounts/password.html", form=PasswordForm())


@post("/sign-in/password", roles=EVERY_ROLE, first=True)
async def update_password(request: AnyRequest) -> Response[Any]:
    """Change one's password; one signs in again with the new one, everywhere."""
    form = PasswordForm(await request.form())
    if not form.validate():
        return page(request, "accounts/password.html", form=form, status_code=422)
    user = request.user
    try:
        await accounts.change_password(user.id, form.typed("old"), form.typed("new"), by=user)
    except Refused as refused:
        return _refused(request, "accounts/password.html", form, refused)
    answer = see_other("/sign-in")
    sessions.forget_sign_in(answer)
    return answer


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
    note = NOTES.get(request.query_params.get("done", ""))
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
        return _refused(request, "accounts/account_new.html", form, refused)
    return _show_password(request, form.typed("login"), password)


async def _offered(form: AccountForm) -> AccountForm:
    return form.offer(
        await Section.select(Section.id, Section.name).order_by(Section.name),
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


both = [new_sign_in, create_sign_in, create_sign_out, edit_password, update_password]
staff = [
    list_accounts,
    new_account,
    create_account,
    new_password,
    create_password,
    new_disablement,
    create_disablement,
    create_reopening,
]
