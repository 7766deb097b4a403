"""Looking for a class: the first page, the list, a class, the venues."""

from datetime import date
from functools import lru_cache
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from markupsafe import Markup

from server import clock
from server.classes import details, listings
from server.classes.details import Card
from server.classes.listings import PAGE, Filters
from server.classes.routes.filters import KINDS, Asked, asked
from server.places import directory, opening
from server.places.directory import DistrictEntry
from server.places.tables import Municipality
from server.settings import settings
from server.web.pages import environment, page
from server.web.saying import say
from server.web.words import current_locale, gettext

AnyRequest = Request[Any, Any, Any]

SOONEST = 3
CARDS_KEPT = 4000


@get("/", public=True, cached=True)
async def show_home(request: AnyRequest) -> Response[str]:
    """The first page: the districts, looking up a booking, the telephone."""
    districts = [each for each in await directory.districts() if each.slug]
    counts = await listings.open_counts("district")
    soonest, _ = await listings.coming(Filters(open=True), size=SOONEST)
    city = request.app.state.municipality
    reception_open = bool(city) and await opening.reception_is_open(
        Municipality(**city), clock.now()
    )
    return page(
        request,
        "home.html",
        districts=[
            {"slug": each.slug, "name": each.name, "open_count": counts.get(each.id, 0)}
            for each in districts
        ],
        reception_open=reception_open,
        soonest=[card_html(each) for each in soonest],
    )


@get("/courses", public=True, cached=True)
async def list_courses(request: AnyRequest) -> Response[str]:
    """The courses still to come, by date, fifty on a page; three statements."""
    districts = await directory.districts()
    wanted = asked(request.query_params, districts)
    cards, more = await listings.coming(wanted.filters(districts), wanted.page)
    first = (wanted.page - 1) * PAGE + 1
    return page(
        request,
        "classes/courses.html",
        "results",
        status_code=422 if wanted.wrong else 200,
        filters=wanted,
        districts=[each for each in districts if each.slug],
        venues=_venues_to_pick(wanted, districts),
        kinds=KINDS,
        months=_months_to_pick(wanted),
        rows=[card_html(each, pick=True) for each in cards],
        first=first,
        can_pick=any(each.availability == "open" for each in cards),
        page=wanted.page,
        previous_url=wanted.url(wanted.page - 1) if wanted.page > 1 else None,
        next_url=wanted.url(wanted.page + 1) if more else None,
        problem_words=_problem_words() if wanted.wrong else None,
    )


@get("/courses/{course_id:int}", public=True, cached=True)
async def show_course(request: AnyRequest, course_id: FromPath[int]) -> Response[str]:
    """One course with its dates, and the way back to the list of its district."""
    found = await details.published([course_id])
    if not found or not found[0]["sessions"]:
        raise NotFoundException
    course = found[0]
    refused = details.refusal(course)
    return page(
        request,
        "classes/course.html",
        "seats",
        course=course,
        sessions=course["sessions"],
        list_url=Asked(district=course["sessions"][0]["district_slug"] or "").url(1),
        can_book=refused is None,
        why_not=say(refused) if refused else None,
    )


@get("/venues", public=True, cached=True)
async def list_venues(request: AnyRequest) -> Response[str]:
    """Every venue by district, with how many classes are open there."""
    counts = await listings.open_counts("venue")
    districts = [
        {
            "slug": district.slug,
            "name": district.name,
            "venues": [{**each, "open_count": counts.get(each["id"], 0)} for each in venues],
        }
        for district in await directory.districts()
        if (venues := district.venues)
    ]
    return page(request, "places/venues.html", districts=districts)


@get("/venues/{slug:str}", public=True, cached=True)
async def show_venue(request: AnyRequest, slug: FromPath[str]) -> Response[str]:
    """One venue, how to get there, its classes to come, and its calendar."""
    venue = await directory.venue(slug) if slug.isprintable() else None
    if venue is None:
        raise NotFoundException
    cards, more = await listings.coming(Filters(venue_ids=(venue["id"],)))
    return page(
        request,
        "places/venue.html",
        venue=venue,
        rows=[card_html(each) for each in cards],
        more_url=f"/courses?venue={slug}" if more else None,
        feed={"url": f"{settings().base_url}/feeds/venues/{slug}.ics", "name": venue["name"]},
    )


def card_html(card: Card, *, pick: bool = False) -> Markup:
    """A card in the language of the page; rendered once, because it shows nothing else."""
    return _card_html(card, pick, current_locale())


@lru_cache(CARDS_KEPT)
def _card_html(card: Card, pick: bool, _: str) -> Markup:
    macro: Any = environment().globals["card"]
    return Markup(macro(card, pick))  # noqa: S704  the macro has escaped what it shows


def _venues_to_pick(wanted: Asked, districts: list[DistrictEntry]) -> list[dict[str, Any]]:
    return [
        venue
        for district in districts
        if wanted.district in ("", district.slug)
        for venue in district.venues
    ]


def _months_to_pick(wanted: Asked) -> list[dict[str, Any]]:
    months = listings.months()
    if wanted.month:
        months = sorted({*months, date.fromisoformat(f"{wanted.month}-01")})
    return [{"value": f"{first:%Y-%m}", "first": first} for first in months]


def _problem_words() -> str:
    return gettext(
        "Part of this address could not be understood and was left out. Please choose again below."
    )


handlers = [show_home, list_courses, show_course, list_venues, show_venue]
