"""The roles that an account may have (P1), and what rules ask of whoever acts."""

from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What an account may do; one account has one or more."""

    supporter = "supporter"
    venue = "venue"
    helpdesk = "helpdesk"
    coordinator = "coordinator"
    administrator = "administrator"


class Actor(Protocol):
    """A signed-in person, as far as rules need to know one."""

    @property
    def id(self) -> int:
        """The account."""

    @property
    def roles(self) -> frozenset[Role]:
        """What the account may do."""

    @property
    def section_id(self) -> int | None:
        """The section whose courses a coordinator edits (C4)."""

    @property
    def sees_all_sections(self) -> bool:
        """Does the section oversee every other one?"""

    @property
    def venue_ids(self) -> frozenset[int]:
        """The buildings of venue staff."""


def oversees(by: Actor) -> bool:
    """Is it a coordinator of the section that oversees all (C4)?"""
    return Role.coordinator in by.roles and by.sees_all_sections


def keeps_masters(by: Actor) -> bool:
    """May this account change what all sections share: an administrator, or who oversees all?"""
    return Role.administrator in by.roles or oversees(by)
