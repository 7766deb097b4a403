"""The way in for somebody new: the page that an invitation leads to.

The address holds the token: nobody keeps the page, and no other page learns where one was.
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server.accounts import invitations, sign_in
from server.accounts.forms import InvitationForm
from server.accounts.routes.signing_in import first_page
from server.refusals import Refused
from server.web import sessions
from server.web.access import sender
from server.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

# The origin still goes along: without it a form could not prove where it came from.
KEPT_SECRET = {"referrer-policy": "strict-origin", "cache-control": "private, no-store"}
NOT_FOUND = 404


@get("/sign-in/invitation/{token:str}", public=True)
async def show_invitation(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The login, and two fields for a password."""
    invitation = await invitations.find(token)
    return _form_page(request, invitation, InvitationForm(), 200)


@post("/sign-in/invitation/{token:str}", public=True)
async def create_password(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Keep the password and go on, signed in."""
    invitation = await invitations.find(token)
    form = InvitationForm(await request.form())
    if invitation is None or not form.validate():
        return _form_page(request, invitation, form, 422)
    password = form.typed("new")
    try:
        await invitations.accept(token, password)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, await invitations.find(token), form, 409)
    return await _signed_in(request, invitation["login"], password)


def _form_page(
    request: AnyRequest, invitation: Row | None, form: InvitationForm, status_code: int
) -> Response[str]:
    """The form; the same plain answer for every token that opens nothing."""
    if invitation is None:
        answer = page(request, "accounts/invitation_ended.html", status_code=NOT_FOUND)
    else:
        answer = page(
            request,
            "accounts/invitation.html",
            form=form,
            login=invitation["login"],
            welcome=invitation["name"],
            status_code=status_code,
        )
    answer.headers.update(KEPT_SECRET)
    return answer


async def _signed_in(request: AnyRequest, login: str, password: str) -> Response[Any]:
    before = sessions.cookie(request.scope, sessions.SIGN_IN_COOKIE)
    token = await sign_in.sign_in(login, password, sender(request), instead_of=before)
    viewer = await sign_in.viewer_of(token)
    assert viewer is not None
    answer = see_other(first_page(viewer))
    sessions.remember_sign_in(answer, token)
    answer.headers.update(KEPT_SECRET)
    return answer


handlers = [show_invitation, create_password]
