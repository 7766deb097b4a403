"""Small numbers of contacts stay unsaid in public."""

import pytest

from server.helpdesk.masking import masked


@pytest.mark.parametrize(("number", "shown"), [(0, None), (1, None), (4, None), (5, 5), (99, 99)])
def test_a_number_below_five_is_not_said(number: int, shown: int | None) -> None:
    assert masked(number) == shown
