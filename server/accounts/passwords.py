"""Passwords: hashed with Argon2id off the event loop, two at once."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.refusals import Refused

SHORTEST = 12
LONGEST = 200
MEMORY_KIB = 19 * 1024  # OWASP's second choice of parameters: 19 MiB, two passes, one lane

_hasher = PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1)
_threads = ThreadPoolExecutor(2, "password")

# What an unknown login's password is compared with, so that it takes as long as a known one's.
NOBODYS_HASH = _hasher.hash(secrets.token_urlsafe(32))


async def hashed(password: str) -> str:
    """The hash to keep of a password."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def matches(kept: str, password: str) -> bool:
    """Is it the password that was hashed?"""
    return await asyncio.get_running_loop().run_in_executor(_threads, _matches, kept, password)


def _matches(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Was it hashed with other parameters than today's?"""
    return _hasher.check_needs_rehash(kept)


def generated() -> str:
    """A new password that can be read out: four groups of five letters and digits, 100 bits."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))


def check_strong_enough(password: str, login: str) -> None:
    """Refuse a password that is short, endless, or the login itself."""
    if len(password) < SHORTEST:
        raise Refused("Please use at least {number} characters for a password.", number=SHORTEST)
    if len(password) > LONGEST:
        raise Refused("Please use at most {number} characters for a password.", number=LONGEST)
    if login.casefold() in password.casefold() or len(set(password)) < 5:
        raise Refused("Please choose a password that is harder to guess.")
