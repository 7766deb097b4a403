"""Whose pages these are: the supporter of the account that is signed in (P1)."""

from typing import Any

from litestar import Request
from litestar.exceptions import NotFoundException

from server import clock
from server.notices import queries as notices
from server.refusals import Refused
from server.roles import Role
from server.supporters import credentials, register
from server.supporters.tables import Stage

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

SUPPORTER = {Role.supporter}
LEARNING = (Stage.applied, Stage.in_training, Stage.completed)


async def provide_supporter(request: AnyRequest) -> Row:
    """The row of the register that the account belongs to; not found where it has none."""
    supporter = await register.of_account(request.user.id)
    if supporter is None:
        raise NotFoundException
    return supporter


async def learns_first(supporter: Row) -> bool:
    """Is she new, without the pledge and the insurance that every class asks for (S8)?"""
    if supporter["stage"] not in LEARNING:
        return False
    try:
        await credentials.check_valid(supporter["id"], clock.today())
    except Refused:
        return True
    return False


async def with_moves(rows: list[Row]) -> list[Row]:
    """Her assignments, each with `moved`: when and from which hour, None where it never was."""
    moved = await notices.moves(row["id"] for row in rows)
    return [{**row, "moved": moved.get(row["id"])} for row in rows]
