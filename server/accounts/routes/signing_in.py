"""Signing in and out, and one's password."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from server.accounts import accounts, sign_in
from server.accounts.attempts import TooOften
from server.accounts.forms import PasswordForm, SignInForm
from server.accounts.sign_in import SignedIn
from server.refusals import Refused
from server.roles import Role
from server.web import sessions
from server.web.access import EVERY_ROLE, STAFF, local_path, sender
from server.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
ADMINISTRATOR = {Role.administrator}


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
        return refused_page(request, "accounts/sign_in.html", form, refused)
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
    if viewer.roles & STAFF:
        return "/staff"
    return "/my" if Role.supporter in viewer.roles else "/"


def refused_page(request: AnyRequest, template: str, form: Any, refused: Refused) -> Response[str]:
    """The form again, with what a rule said no to; after too many tries with how long to wait."""
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
        return refused_page(request, "accounts/password.html", form, refused)
    answer = see_other("/sign-in")
    sessions.forget_sign_in(answer)
    return answer


handlers = [new_sign_in, create_sign_in, create_sign_out, edit_password, update_password]
