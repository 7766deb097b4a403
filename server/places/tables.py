"""Municipality, sections, districts, venues, rooms, and when they are closed."""

from enum import StrEnum

from piccolo.columns import (
    Boolean,
    Date,
    DoublePrecision,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Time,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check
from piccolo.table import Table


class VenueKind(StrEnum):
    """What sort of place holds a class."""

    district_centre = "district_centre"
    hall = "hall"
    city_office = "city_office"
    shop = "shop"
    welfare_facility = "welfare_facility"


class Municipality(Table):
    """The one city of this database; reception is where residents phone."""

    id: Serial
    code = Varchar(length=6)  # 全国地方公共団体コード with its check digit
    name = Varchar(length=40)
    contact_section = Varchar(length=80)
    phone = Varchar(length=20)
    fax = Varchar(length=20)
    reception_opens = Time()
    reception_closes = Time()
    reception_weekdays = Varchar(length=7, default="12345")  # ISO weekdays, Monday is 1
    demonstration = Boolean(default=False)  # invented data: every page says so (P7)


class Section(Table):
    """A section of the city office that owns courses (担当課)."""

    id: Serial
    name = Varchar(length=80, unique=True)
    phone = Varchar(length=20)
    oversees_all = Boolean(default=False)  # the ICT section edits every section's courses (C4)


class District(Table):
    """A district (地区) in which residents look for a class near home."""

    id: Serial
    slug = Varchar(length=40, unique=True)
    name = Varchar(length=40)
    reading = Varchar(length=80)
    position = Integer(default=0)


class Venue(Table):
    """A place where classes are held. Hours are local wall time."""

    id: Serial
    slug = Varchar(length=60, unique=True)
    name = Varchar(length=120)
    reading = Varchar(length=200)
    kind = Varchar(length=20, default=VenueKind.district_centre)
    district = ForeignKey(District, null=True, on_delete=OnDelete.restrict)
    postcode = Varchar(length=8)
    address = Varchar(length=200)
    latitude = DoublePrecision(null=True, default=None)
    longitude = DoublePrecision(null=True, default=None)
    phone = Varchar(length=20)
    opens = Time()
    closes = Time()
    closed_weekdays = Varchar(length=7)  # ISO weekdays
    access = Text()
    archived_at = Timestamptz(null=True, default=None)
    version = Integer(default=1)

    venue_kind_known = Check(
        "kind IN ('district_centre', 'hall', 'city_office', 'shop', 'welfare_facility')"
    )


class Room(Table):
    """A room of a venue; only a shared lobby may hold two uses at once (C1)."""

    id: Serial
    venue = ForeignKey(Venue, null=False, on_delete=OnDelete.restrict)
    name = Varchar(length=80)
    capacity = Integer(default=0)
    shared = Boolean(default=False)
    position = Integer(default=0)
    archived_at = Timestamptz(null=True, default=None)

    room_capacity_positive = Check("capacity >= 0")


class VenueClosure(Table):
    """Days, both included, on which a venue is closed beside its weekly ones (休館日)."""

    id: Serial
    venue = ForeignKey(Venue, null=False, on_delete=OnDelete.restrict)
    first_on = Date()
    last_on = Date()
    reason = Varchar(length=120)

    venue_closure_in_order = Check("first_on <= last_on")


class HolidayChange(Table):
    """A correction on top of the library's public holidays (T2)."""

    id: Serial
    on = Date(unique=True)
    name = Varchar(length=80)
    holiday = Boolean(default=True)
