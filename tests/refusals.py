"""Why a rule says no."""

from collections.abc import Awaitable
from typing import Any

import pytest

from server.refusals import Refused


async def refusal(asked: Awaitable[Any]) -> str:
    """The msgid with which it is refused; fails where it is not."""
    with pytest.raises(Refused) as refused:
        await asked
    return refused.value.msgid
