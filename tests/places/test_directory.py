"""The districts and their venues, in the city's order."""

from server import clock
from server.places import directory
from tests import factories
from tests.databases import Database
from tests.statements import counted


async def test_districts_stand_in_the_citys_order_with_their_venues_in_use(
    database: Database,
) -> None:
    second = await factories.make_district(slug="sakura", position=2)
    first = await factories.make_district(slug="chubu", position=1)
    await factories.make_district(slug="kusu", position=3)
    b = await factories.make_venue(district=first.id, reading="ほごう")
    a = await factories.make_venue(district=first.id, reading="あがた")
    c = await factories.make_venue(district=second.id)
    await factories.make_venue(district=second.id, archived_at=clock.now())
    hall = await factories.make_venue(district=None, name="市役所")

    with counted() as sent:
        districts = await directory.districts()

    assert len(sent) == 1
    assert [(each.slug, each.venue_ids) for each in districts] == [
        ("chubu", (a.id, b.id)),
        ("sakura", (c.id,)),
        ("kusu", ()),
        ("", (hall.id,)),
    ]


async def test_district_of_which_every_venue_is_archived_still_stands(database: Database) -> None:
    district = await factories.make_district(slug="chubu")
    await factories.make_venue(district=district.id, archived_at=clock.now())

    assert [(each.slug, each.venues) for each in await directory.districts()] == [("chubu", [])]


async def test_venue_is_found_by_its_slug_while_in_use(database: Database) -> None:
    venue = await factories.make_venue(slug="chubu-centre")
    await factories.make_venue(slug="old", archived_at=clock.now())

    found = await directory.venue("chubu-centre")

    assert found is not None
    assert (found["id"], found["district_name"] is None) == (venue.id, False)
    assert await directory.venue("old") is None
    assert await directory.venue("nowhere") is None
