"""Whose pages these are: the supporter of the account that is signed in (P1)."""

from typing import Any

from litestar import Request
from litestar.exceptions import NotFoundException

from server.roles import Role
from server.supporters import register

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

SUPPORTER = {Role.supporter}


async def provide_supporter(request: AnyRequest) -> Row:
    """The row of the register that the account belongs to; not found where it has none."""
    supporter = await register.of_account(request.user.id)
    if supporter is None:
        raise NotFoundException
    return supporter
