"""The people who want to help, as the tests of applications know them."""

from dataclasses import replace
from datetime import date
from typing import Any

from server.supporters import applications
from server.supporters.applications import Applicant

HANAKO = Applicant(
    name="山田花子",
    reading="やまだはなこ",
    birth_on=date(1956, 5, 3),
    phone="059-354-0000",
    email="hanako@example.jp",
    district_id=None,
    languages=("ja", "sign"),
    devices=("android",),
    days=("mon_am", "sat_pm"),
    why="近所の人の役に立ちたいです。",
)
TARO = replace(
    HANAKO, name="山田太郎", reading="やまだたろう", birth_on=date(1954, 1, 20), email="", why=""
)
YUKI = replace(
    HANAKO,
    name="鈴木ゆき",
    reading="すずきゆき",
    birth_on=date(2001, 2, 3),
    phone="",
    email="yuki@example.jp",
)


async def applied(applicant: Applicant = HANAKO, number: int = 1) -> dict[str, Any]:
    """An application of somebody, by a press of its own."""
    return await applications.apply(applicant, submission=f"press-{number:010}")
