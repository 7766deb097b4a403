"""Which part of a file a Range header asks for (RFC 9110 §14)."""

import pytest

from server.web.ranges import Unsatisfiable, part

SIZE = 1000


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=0-499", (0, 499)),
        ("bytes=500-", (500, 999)),
        ("bytes=-1", (999, 999)),
        ("bytes=-2000", (0, 999)),
        ("bytes=900-2000", (900, 999)),
        ("Bytes=1-2", (1, 2)),
        ("bytes=999-999999999999999999999999", (999, 999)),
        ("bytes=5-4", None),  # no range at all: as if nothing had been asked
        ("bytes=0-1,5-6", None),  # several: all of it
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("lines=1-2", None),
        ("", None),
    ],
)
def test_a_part_is_its_first_and_its_last_byte(asked: str, wanted: tuple[int, int] | None) -> None:
    assert part(asked, SIZE) == wanted


@pytest.mark.parametrize("asked", ["bytes=1000-", "bytes=1000-1001", "bytes=-0"])
def test_a_part_outside_of_the_file_cannot_be_given(asked: str) -> None:
    with pytest.raises(Unsatisfiable):
        part(asked, SIZE)
