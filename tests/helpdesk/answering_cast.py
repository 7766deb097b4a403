"""Who writes articles in the tests, with accounts that exist; and pictures that they send."""

from io import BytesIO
from typing import Any

from PIL import Image

from server.roles import Role
from tests.classes.staff_cast import Staff
from tests.factories import make_account


async def actor(role: Role, section: int | None = None) -> Staff:
    """An account in a role; a coordinator without a section oversees all."""
    account = await make_account(role, section=section)
    return Staff(
        id=account.id,
        roles=frozenset({role}),
        section_id=section,
        sees_all_sections=role is Role.coordinator and section is None,
    )


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **more: Any) -> bytes:
    """A plain picture as somebody sends it."""
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **more)
    return out.getvalue()
