"""Passwords: what is kept, what it costs, what is too weak."""

import pytest

from server.accounts import passwords
from server.refusals import Refused


async def test_a_password_is_kept_as_argon2id_with_19_mib() -> None:
    kept = await passwords.hashed("correct horse battery")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.matches(kept, "correct horse battery")
    assert not await passwords.matches(kept, "correct horse batterY")
    assert not passwords.is_outdated(kept)


@pytest.mark.parametrize("kept", ["", "not a hash", "$argon2id$v=19$m=19456,t=2,p=1$broken"])
async def test_nothing_matches_a_damaged_hash(kept: str) -> None:
    assert not await passwords.matches(kept, "anything")


def test_a_generated_password_is_strong_enough_and_another_each_time() -> None:
    made = {passwords.generated() for _ in range(50)}

    assert len(made) == 50
    for each in made:
        passwords.check_strong_enough(each, "login")


@pytest.mark.parametrize(
    "password", ["", "short", "elevenchars", "x" * 201, "aaaaaaaaaaaaaaaa", "my-suzuki-password"]
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(Refused):
        passwords.check_strong_enough(password, "Suzuki")


@pytest.mark.parametrize(
    "password", ["twelve chars", "となりの教室でスマホを学ぶ", "x1-" * 20 + "yz"]
)
def test_a_long_password_is_taken_whatever_it_is_made_of(password: str) -> None:
    passwords.check_strong_enough(password, "suzuki")
