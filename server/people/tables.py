"""A person, and the phone numbers by which the person is found again (B2)."""

from piccolo.columns import Date, ForeignKey, OnDelete, Serial, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class Person(Table):
    """One human being. A duplicate points to the one that stays (`merged_into`)."""

    id: Serial
    name = Varchar(length=120)
    reading = Varchar(length=200)
    reading_key = Varchar(length=200, index=True)
    birth_on = Date(null=True, default=None)
    merged_into: "ForeignKey[Person]" = ForeignKey("self", null=True, on_delete=OnDelete.restrict)
    recorded_at = Timestamptz()


class PersonPhone(Table):
    """A phone number that a person has given; a household may share one."""

    id: Serial
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    phone_key = Varchar(length=20, index=True)

    person_phone_once = Unique(["person", "phone_key"])
