"""Inviting a supporter to her own page: a letter on paper, with the way in as a QR code."""

from typing import Any

from litestar import Request, Response, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from markupsafe import Markup

from server import text
from server.accounts import invitations
from server.audit import entries
from server.refusals import Refused
from server.roles import Role
from server.settings import settings
from server.supporters import applications, register, schemes
from server.web.pages import page
from server.web.saying import say
from server.web.words import gettext

AnyRequest = Request[Any, Any, Any]


@post("/staff/supporters/{supporter_id:int}/invitation", roles={Role.coordinator}, status_code=200)
async def create_invitation(request: AnyRequest, supporter_id: FromPath[int]) -> Response[str]:
    """The letter, shown this once: only the hash of its token is kept. Earlier letters end."""
    schemes.check_may_manage(request.user)
    supporter = await register.get(supporter_id)
    if supporter is None:
        raise NotFoundException
    logins = [supporter["email"], text.phone_key(supporter["phone"])]
    try:
        await applications.check_may_be_invited(supporter)
        invited = await invitations.invite(
            supporter["person_id"], supporter["name"], logins, by=request.user
        )
    except Refused as refused:
        return page(
            request,
            "supporters/invitation_refused.html",
            supporter=supporter,
            why=say(refused),
            status_code=409,
        )
    await entries.record_reading(
        request.scope["path"], "supporter", [supporter_id], by=request.user
    )
    address = f"{settings().base_url}/sign-in/invitation/{invited.token}"
    return page(
        request,
        "supporters/invitation_letter.html",
        supporter=supporter,
        invited=invited,
        address=address,
        code=qr_code(address, gettext("The address as a QR code")),
    )


def qr_code(words: str, title: str) -> Markup:
    """A QR code as SVG to stand in a page, readable when a tenth of it is smudged."""
    import segno  # noqa: PLC0415 - takes memory that few need

    made = segno.make(words, error="m", micro=False)
    return Markup(made.svg_inline(scale=4, border=4, title=title, omitsize=True))  # noqa: S704


handlers = [create_invitation]
