"""Who may: every route as every role, against a written table (P1)."""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from server.app import create_app
from server.roles import Role
from server.settings import Surface, settings

# anonymous, supporter, venue, helpdesk, coordinator, administrator: x may, - may not.
TABLE = """
GET  /                                                  x x x x x x
GET  /accessibility                                     x x x x x x
GET  /bookings                                          x x x x x x
POST /bookings                                          x x x x x x
POST /bookings/closing                                  x x x x x x
GET  /bookings/done                                     x x x x x x
GET  /bookings/find                                     x x x x x x
POST /bookings/find                                     x x x x x x
GET  /bookings/new                                      x x x x x x
POST /bookings/new                                      x x x x x x
GET  /bookings/{reference:str}                          x x x x x x
GET  /bookings/{reference:str}/cancellation             x x x x x x
POST /bookings/{reference:str}/cancellation             x x x x x x
GET  /courses                                           x x x x x x
GET  /courses/{course_id:int}                           x x x x x x
GET  /faq                                               x x x x x x
GET  /faq/pictures/{picture_id:int}/{digest:str}        x x x x x x
GET  /faq/{article_id:int}                              x x x x x x
GET  /feeds                                             x x x x x x
GET  /feeds/all.ics                                     x x x x x x
GET  /feeds/courses/{file:str}                          x x x x x x
GET  /feeds/kinds/{file:str}                            x x x x x x
GET  /feeds/venues/{file:str}                           x x x x x x
GET  /healthz                                           x x x x x x
POST /language                                          x x x x x x
GET  /my/sessions/{session_id:int}/log                  - x - - - -
POST /my/sessions/{session_id:int}/log                  - x - - - -
GET  /my                                                - x - - - -
GET  /my/certificates/{certificate_id:int}              - x - - - -
GET  /my/activities                                     - x - - - -
GET  /my/activities/new                                 - x - - - -
POST /my/activities/new                                 - x - - - -
GET  /my/activities/{report_id:int}/edit                - x - - - -
POST /my/activities/{report_id:int}/edit                - x - - - -
GET  /my/activities/{report_id:int}/withdrawal          - x - - - -
POST /my/activities/{report_id:int}/withdrawal          - x - - - -
GET  /my/trouble                                        - x - - - -
POST /my/trouble                                        - x - - - -
GET  /staff/activities                                  - - - - x -
POST /staff/activities/approvals                        - - - - x -
GET  /staff/activities/totals                           - - - - x -
GET  /staff/activities/totals/file                      - - - - x -
GET  /staff/activities/{report_id:int}                  - - - - x -
POST /staff/activities/{report_id:int}/approval         - - - - x -
POST /staff/activities/{report_id:int}/approval-withdrawal - - - - x -
POST /staff/activities/{report_id:int}/return           - - - - x -
GET  /staff/articles                                    - - x x x x
GET  /staff/articles/missing                            - - x x x x
POST /staff/articles/missing/settled/{settled_id:int}/return - - - x x -
GET  /staff/articles/missing/{topic_id:int}             - - - x x -
POST /staff/articles/missing/{topic_id:int}/setting-aside - - - x x -
GET  /staff/articles/new                                - - - x x -
POST /staff/articles/new                                - - - x x -
GET  /staff/articles/pictures/{picture_id:int}/{digest:str} - - x x x x
GET  /staff/articles/{article_id:int}                   - - x x x x
GET  /staff/articles/{article_id:int}/edit              - - - x x -
POST /staff/articles/{article_id:int}/edit              - - - x x -
GET  /staff/articles/{article_id:int}/history           - - x x x x
POST /staff/articles/{article_id:int}/pictures          - - - x x -
POST /staff/articles/{article_id:int}/pictures/{picture_id:int}/voiding - - - x x -
POST /staff/articles/{article_id:int}/publication       - - - x x -
POST /staff/articles/{article_id:int}/retirement        - - - x x -
POST /staff/articles/{article_id:int}/return            - - - x x -
POST /staff/articles/{article_id:int}/review            - - - x x -
GET  /staff/certificates/{certificate_id:int}           - - - - x -
GET  /staff/desks                                       - - x x x x
GET  /staff/desks/{desk_id:int}                         - - x x x -
POST /staff/desks/{desk_id:int}/contacts                - - x x x -
POST /staff/desks/{desk_id:int}/contacts/{contact_id:int}/call-backs/{call_back_id:int}/ending - - x x x -
POST /staff/desks/{desk_id:int}/contacts/{contact_id:int}/redoing - - x x x -
POST /staff/desks/{desk_id:int}/contacts/{contact_id:int}/undoing - - x x x -
GET  /staff/contacts                                    - - x x x -
GET  /staff/contacts/file                               - - x x x -
GET  /staff/contacts/{contact_id:int}                   - - x x x -
GET  /staff/contacts/{contact_id:int}/correction        - - x x x -
POST /staff/contacts/{contact_id:int}/correction        - - x x x -
POST /staff/contacts/{contact_id:int}/redoing           - - x x x -
GET  /staff/contacts/{contact_id:int}/voiding           - - x x x -
POST /staff/contacts/{contact_id:int}/voiding           - - x x x -
GET  /staff/desks/new                                   - - - - x x
POST /staff/desks/new                                   - - - - x x
POST /staff/desks/{desk_id:int}/archiving               - - - - x x
GET  /staff/desks/{desk_id:int}/edit                    - - - - x x
POST /staff/desks/{desk_id:int}/edit                    - - - - x x
POST /staff/desks/{desk_id:int}/return                  - - - - x x
GET  /staff/desks/{desk_id:int}/tally                   - - x x x -
POST /staff/desks/{desk_id:int}/tally                   - - x x x -
POST /staff/desks/{desk_id:int}/tally/undoing           - - x x x -
GET  /staff/desks/matches                               - - x x x -
GET  /staff/learning                                    - - - x x -
GET  /staff/learning/classes                            - - - x x -
GET  /staff/learning/contacts                           - - - x x -
GET  /staff/learning/demand                             - - - x x -
GET  /staff/learning/file                               - - - x x -
GET  /staff/learning/stumbles                           - - - x x -
GET  /staff/learning/trend                              - - - x x -
GET  /staff/lecturers                                   - - - - x -
GET  /staff/lecturers/new                               - - - - x -
POST /staff/lecturers/new                               - - - - x -
POST /staff/lecturers/{lecturer_id:int}/archiving       - - - - x -
GET  /staff/lecturers/{lecturer_id:int}/edit            - - - - x -
POST /staff/lecturers/{lecturer_id:int}/edit            - - - - x -
GET  /staff/scheme                                      - - - - x x
POST /staff/scheme                                      - - - - x x
GET  /staff/supporters                                  - - - - x -
GET  /staff/supporters/due                              - - - - x -
GET  /staff/supporters/file                             - - - - x -
GET  /staff/supporters/papers                           - - - - x -
GET  /staff/supporters/{supporter_id:int}               - - - - x -
GET  /staff/supporters/{supporter_id:int}/correction    - - - - x -
POST /staff/supporters/{supporter_id:int}/correction    - - - - x -
GET  /staff/supporters/{supporter_id:int}/edit          - - - - x -
POST /staff/supporters/{supporter_id:int}/edit          - - - - x -
POST /staff/supporters/{supporter_id:int}/edition       - - - - x -
GET  /staff/supporters/{supporter_id:int}/merging       - - - - x -
GET  /staff/supporters/{supporter_id:int}/merging/{other_id:int} - - - - x -
POST /staff/supporters/{supporter_id:int}/merging/{other_id:int} - - - - x -
GET  /staff/supporters/{supporter_id:int}/papers/new    - - - - x -
POST /staff/supporters/{supporter_id:int}/papers/new    - - - - x -
GET  /staff/supporters/{supporter_id:int}/papers/{paper_id:int}/voiding - - - - x -
POST /staff/supporters/{supporter_id:int}/papers/{paper_id:int}/voiding - - - - x -
GET /staff/supporters/{supporter_id:int}/parting/{person_id:int} - - - - x -
POST /staff/supporters/{supporter_id:int}/parting/{person_id:int} - - - - x -
GET  /staff/supporters/{supporter_id:int}/records/new   - - - - x -
POST /staff/supporters/{supporter_id:int}/records/new   - - - - x -
GET  /staff/supporters/{supporter_id:int}/records/{record_id:int}/voiding - - - - x -
POST /staff/supporters/{supporter_id:int}/records/{record_id:int}/voiding - - - - x -
GET  /staff/supporters/{supporter_id:int}/stages/new    - - - - x -
POST /staff/supporters/{supporter_id:int}/stages/new    - - - - x -
GET  /staff/supporters/{supporter_id:int}/stages/{stage_id:int}/undoing - - - - x -
POST /staff/supporters/{supporter_id:int}/stages/{stage_id:int}/undoing - - - - x -
GET  /staff/troubles                                    - - - - x -
GET  /staff/troubles/alarm                              x x x x x x
POST /staff/troubles/{trouble_id:int}/beginning         - - - - x -
POST /staff/troubles/{trouble_id:int}/outcome           - - - - x -
GET  /my/profile                                        - x - - - -
POST /my/profile                                        - x - - - -
GET  /my/sessions                                       - x - - - -
GET  /my/sessions/{session_id:int}                      - x - - - -
POST /my/sessions/{session_id:int}/assignment           - x - - - -
GET  /my/sessions/{session_id:int}/leaving              - x - - - -
POST /my/sessions/{session_id:int}/leaving              - x - - - -
POST /my/sessions/{session_id:int}/absence              - x - - - -
GET  /my/training                                       - x - - - -
POST /my/training/bookings                              - x - - - -
GET  /my/training/bookings/{booking_id:int}/cancellation - x - - - -
POST /my/training/bookings/{booking_id:int}/cancellation - x - - - -
GET  /staff/assignments/{assignment_id:int}/removal     - - - - x -
POST /staff/assignments/{assignment_id:int}/removal     - - - - x -
GET  /staff/courses/{course_id:int}/teaching            - - - - x -
POST /staff/courses/{course_id:int}/teaching            - - - - x -
POST /staff/sessions/{session_id:int}/helpers-needed    - - - - x -
GET  /staff/sessions/{session_id:int}/staffing          - - - - x -
POST /staff/sessions/{session_id:int}/staffing          - - - - x -
GET  /staff/staffing                                    - - - - x -
GET  /staff/supporters/{supporter_id:int}/training      - - - - x -
POST /staff/supporters/{supporter_id:int}/training/bookings - - - - x -
GET  /opendata                                          x x x x x x
GET  /opendata/contacts.csv                             x x x x x x
GET  /opendata/contacts.json                            x x x x x x
GET  /privacy                                           x x x x x x
GET  /readyz                                            x x x x x x
GET  /robots.txt                                        x x x x x x
GET  /supporters/apply                                  x x x x x x
POST /supporters/apply                                  x x x x x x
GET  /supporters/apply/done                             x x x x x x
POST /supporters/applications                           x x x x x x
GET  /sign-in                                           x x x x x x
POST /sign-in                                           x x x x x x
GET  /sign-in/invitation/{token:str}                    x x x x x x
POST /sign-in/invitation/{token:str}                    x x x x x x
POST /sign-out                                          - x x x x x
GET  /staff                                             - - x x x x
GET  /staff/accounts                                    - - - - - x
POST /staff/accounts                                    - - - - - x
GET  /staff/accounts/new                                - - - - - x
GET  /staff/accounts/{account_id:int}/disablement       - - - - - x
POST /staff/accounts/{account_id:int}/disablement       - - - - - x
GET  /staff/accounts/{account_id:int}/password          - - - - - x
POST /staff/accounts/{account_id:int}/password          - - - - - x
POST /staff/accounts/{account_id:int}/reopening         - - - - - x
GET  /staff/applications                                - - - - x -
GET  /staff/applications/{application_id:int}           - - - - x -
POST /staff/applications/{application_id:int}/acceptance - - - - x -
POST /staff/applications/{application_id:int}/reopening - - - - x -
POST /staff/applications/{application_id:int}/refusal   - - - - x -
POST /staff/supporters/{supporter_id:int}/invitation    - - - - x -
GET  /staff/bookings                                    - - x x x -
GET  /staff/bookings/{booking_id:int}/cancellation      - - x x x -
POST /staff/bookings/{booking_id:int}/cancellation      - - x x x -
GET  /staff/call-backs                                  - - x x x -
GET  /staff/call-backs/{call_back_id:int}               - - x x x -
POST /staff/call-backs/{call_back_id:int}/attempts      - - x x x -
POST /staff/call-backs/{call_back_id:int}/due           - - x x x -
POST /staff/call-backs/{call_back_id:int}/outcome       - - x x x -
POST /staff/call-backs/{call_back_id:int}/owner         - - x x x -
POST /staff/call-backs/{call_back_id:int}/reopening     - - x x x -
POST /staff/call-backs/{call_back_id:int}/withdrawal    - - x x x -
GET  /staff/calls                                       - - x x x -
POST /staff/calls/{notice_id:int}/told                  - - x x x -
POST /staff/calls/{notice_id:int}/untold                - - x x x -
POST /staff/contacts/{contact_id:int}/call-backs        - - x x x -
GET  /staff/contacts/{contact_id:int}/call-backs/new    - - x x x -
POST /staff/contacts/{contact_id:int}/hand-overs        - - x x x -
GET  /staff/contacts/{contact_id:int}/hand-overs/new    - - x x x -
GET  /staff/courses                                     - - x x x -
GET  /staff/courses/new                                 - - - - x -
POST /staff/courses/new                                 - - - - x -
GET  /staff/courses/{course_id:int}                     - - x x x -
GET  /staff/courses/{course_id:int}/bookings            - - x x x -
GET  /staff/courses/{course_id:int}/calling-off         - - - - x -
POST /staff/courses/{course_id:int}/calling-off         - - - - x -
GET  /staff/courses/{course_id:int}/discarding          - - - - x -
POST /staff/courses/{course_id:int}/discarding          - - - - x -
GET  /staff/courses/{course_id:int}/edit                - - - - x -
POST /staff/courses/{course_id:int}/edit                - - - - x -
POST /staff/courses/{course_id:int}/publication         - - - - x -
GET  /staff/courses/{course_id:int}/sessions/new        - - - - x -
POST /staff/courses/{course_id:int}/sessions/new        - - - - x -
GET  /staff/hand-overs                                  - - x x x -
POST /staff/hand-overs/{hand_over_id:int}/answer        - - - - x -
POST /staff/hand-overs/{hand_over_id:int}/taking-up     - - x x x -
GET  /staff/plan                                        - - - - x -
GET  /staff/plan/entries/{entry_id:int}/voiding         - - - - x -
POST /staff/plan/entries/{entry_id:int}/voiding         - - - - x -
GET  /staff/plan/helping                                - - - - x -
GET  /staff/plan/indicators/{indicator_id:int}          - - - - x -
GET  /staff/plan/indicators/{indicator_id:int}/entries/new - - - - x -
POST /staff/plan/indicators/{indicator_id:int}/entries/new - - - - x -
GET  /staff/plan/indicators/{indicator_id:int}/targets/{year:int} - - - - x -
POST /staff/plan/indicators/{indicator_id:int}/targets/{year:int} - - - - x -
GET  /staff/plan/loading                                - - - - x -
POST /staff/plan/loading                                - - - - x -
GET  /staff/plan/{plan_id:int}/removal                  - - - - x -
POST /staff/plan/{plan_id:int}/removal                  - - - - x -
GET  /sign-in/password                                  - x x x x x
POST /sign-in/password                                  - x x x x x
GET  /staff/procedures                                  - - - - x x
GET  /staff/procedures/file                             - - - - x x
GET  /staff/procedures/import                           - - - - x x
POST /staff/procedures/import                           - - - - x x
GET  /staff/procedures/import/form                      - - - - x x
GET  /staff/procedures/new                              - - - - x x
POST /staff/procedures/new                              - - - - x x
GET  /staff/procedures/{row_id:int}/edit                - - - - x x
POST /staff/procedures/{row_id:int}/edit                - - - - x x
GET  /staff/procedures/{row_id:int}/merging             - - - - x x
POST /staff/procedures/{row_id:int}/merging             - - - - x x
GET  /staff/procedures/{row_id:int}/retirement          - - - - x x
POST /staff/procedures/{row_id:int}/retirement          - - - - x x
GET  /staff/procedures/{row_id:int}/return              - - - - x x
POST /staff/procedures/{row_id:int}/return              - - - - x x
GET  /staff/topics                                      - - - - x x
GET  /staff/topics/file                                 - - - - x x
GET  /staff/topics/import                               - - - - x x
POST /staff/topics/import                               - - - - x x
GET  /staff/topics/import/form                          - - - - x x
GET  /staff/topics/new                                  - - - - x x
POST /staff/topics/new                                  - - - - x x
GET  /staff/topics/{row_id:int}/edit                    - - - - x x
POST /staff/topics/{row_id:int}/edit                    - - - - x x
GET  /staff/topics/{row_id:int}/merging                 - - - - x x
POST /staff/topics/{row_id:int}/merging                 - - - - x x
GET  /staff/topics/{row_id:int}/retirement              - - - - x x
POST /staff/topics/{row_id:int}/retirement              - - - - x x
GET  /staff/topics/{row_id:int}/return                  - - - - x x
POST /staff/topics/{row_id:int}/return                  - - - - x x
GET  /staff/programmes                                  - - - - x x
GET  /staff/programmes/new                              - - - - x x
POST /staff/programmes/new                              - - - - x x
GET  /staff/programmes/{programme_id:int}               - - - - x x
GET  /staff/programmes/{programme_id:int}/edit          - - - - x x
POST /staff/programmes/{programme_id:int}/edit          - - - - x x
POST /staff/programmes/{programme_id:int}/edition       - - - - x x
POST /staff/programmes/{programme_id:int}/moving        - - - - x x
POST /staff/programmes/{programme_id:int}/publication   - - - - x x
GET  /staff/programmes/{programme_id:int}/requirements/new - - - - x x
POST /staff/programmes/{programme_id:int}/requirements/new - - - - x x
GET  /staff/programmes/{programme_id:int}/retirement    - - - - x x
POST /staff/programmes/{programme_id:int}/retirement    - - - - x x
GET  /staff/requirements/{requirement_id:int}/edit      - - - - x x
POST /staff/requirements/{requirement_id:int}/edit      - - - - x x
GET  /staff/requirements/{requirement_id:int}/removal   - - - - x x
POST /staff/requirements/{requirement_id:int}/removal   - - - - x x
GET  /staff/sessions/{session_id:int}/call-off          - - - - x -
POST /staff/sessions/{session_id:int}/call-off          - - - - x -
GET  /staff/sessions/{session_id:int}/log               - - x - x -
POST /staff/sessions/{session_id:int}/log               - - x - x -
GET  /staff/sessions/{session_id:int}/log/voiding       - - x - x -
POST /staff/sessions/{session_id:int}/log/voiding       - - x - x -
GET  /staff/sessions/{session_id:int}/move              - - - - x -
POST /staff/sessions/{session_id:int}/move              - - - - x -
GET  /staff/sessions/{session_id:int}/removal           - - - - x -
POST /staff/sessions/{session_id:int}/removal           - - - - x -
GET  /staff/supporters/import                           - - - - x -
POST /staff/supporters/import                           - - - - x -
GET  /staff/supporters/import/form                      - - - - x -
POST /staff/desks/{desk_id:int}/booking                 - - x x x -
POST /staff/desks/{desk_id:int}/bookings                - - x x x -
GET  /staff/contacts/{contact_id:int}/booking           - - x x x -
POST /staff/contacts/{contact_id:int}/booking           - - x x x -
POST /staff/contacts/{contact_id:int}/bookings          - - x x x -
GET  /staff/contacts/{contact_id:int}/bookings/{booking_id:int} - - x x x -
GET  /staff/terminals                                   - - x x x x
GET  /staff/terminals/new                               - - - - x x
POST /staff/terminals/new                               - - - - x x
GET  /staff/terminals/totals                            - - x x x x
GET  /staff/terminals/totals/file                       - - x x x x
GET  /staff/terminals/{terminal_id:int}/edit            - - - - x x
POST /staff/terminals/{terminal_id:int}/edit            - - - - x x
GET  /staff/terminals/{terminal_id:int}/uses            - - x x x -
POST /staff/terminals/{terminal_id:int}/uses            - - x x x -
POST /staff/terminals/{terminal_id:int}/uses/{use_id:int}/undoing - - x x x -
GET  /static/{file:path}                                x x x x x x
GET  /terminal                                          x x x x x x
POST /terminal/beginning                                x x x x x x
GET  /terminal/ending                                   x x x x x x
POST /terminal/ending                                   x x x x x x
GET  /terminal/over                                     x x x x x x
POST /terminal/over                                     x x x x x x
POST /terminal/time                                     x x x x x x
GET  /venues                                            x x x x x x
GET  /venues/{slug:str}                                 x x x x x x
GET  /staff/completions/{completion_id:int}/voiding     - - - - x -
POST /staff/completions/{completion_id:int}/voiding     - - - - x -
GET  /staff/counter-staff                               - - - - x -
GET  /staff/counter-staff/file                          - - - - x -
GET  /staff/counter-staff/new                           - - - - x -
POST /staff/counter-staff/new                           - - - - x -
GET  /staff/counter-staff/{member_id:int}               - - - - x -
POST /staff/counter-staff/{member_id:int}/account       - - - - x -
POST /staff/counter-staff/{member_id:int}/account/removal - - - - x -
GET  /staff/counter-staff/{member_id:int}/edit          - - - - x -
POST /staff/counter-staff/{member_id:int}/edit          - - - - x -
GET  /staff/counter-staff/{member_id:int}/memberships   - - - - x -
POST /staff/counter-staff/{member_id:int}/memberships   - - - - x -
GET  /staff/counter-staff/{member_id:int}/memberships/{membership_id:int}/ending   - - - - x -
POST /staff/counter-staff/{member_id:int}/memberships/{membership_id:int}/ending   - - - - x -
GET  /staff/counter-staff/{member_id:int}/memberships/{membership_id:int}/voiding  - - - - x -
POST /staff/counter-staff/{member_id:int}/memberships/{membership_id:int}/voiding  - - - - x -
GET  /staff/counter-staff/{member_id:int}/move          - - - - x -
POST /staff/counter-staff/{member_id:int}/move          - - - - x -
POST /staff/exclusions/{exclusion_id:int}/voiding       - - - - x -
GET  /staff/training-rates                              - - - - x -
GET  /staff/training-rates/file                         - - - - x -
GET  /staff/trainings                                   - - x x x x
GET  /staff/trainings/new                               - - - - x -
POST /staff/trainings/new                               - - - - x -
GET  /staff/trainings/{training_id:int}                 - - x x x x
GET  /staff/trainings/{training_id:int}/completions     - - - - x -
POST /staff/trainings/{training_id:int}/completions     - - - - x -
GET  /staff/trainings/{training_id:int}/edit            - - - - x -
POST /staff/trainings/{training_id:int}/edit            - - - - x -
POST /staff/trainings/{training_id:int}/exclusions      - - - - x -
POST /staff/trainings/{training_id:int}/own             - - x x x x
POST /staff/trainings/{training_id:int}/retirement      - - - - x -
POST /staff/trainings/{training_id:int}/return          - - - - x -
GET  /staff/trainings/{training_id:int}/video           - - x x x x
POST /staff/trainings/{training_id:int}/video           - - - - x -
POST /staff/trainings/{training_id:int}/video/removal   - - - - x -
GET  /staff/counter-staff/import                        - - - - x -
POST /staff/counter-staff/import                        - - - - x -
GET  /staff/counter-staff/import/form                   - - - - x -
GET  /staff/trainings/{training_id:int}/completions/import       - - - - x -
POST /staff/trainings/{training_id:int}/completions/import       - - - - x -
GET  /staff/trainings/{training_id:int}/completions/import/form  - - - - x -
"""

WHO = ("anonymous", *Role)
SAMPLES = {"int": "2000000000", "str": "nowhere", "path": "nowhere.css"}

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


def table() -> Iterator[tuple[str, str, dict[str, bool]]]:
    """Method, path and who may, line by line."""
    for line in TABLE.split("\n"):
        if line:
            method, path, *marks = line.split()
            yield method, path, {who: mark == "x" for who, mark in zip(WHO, marks, strict=True)}


def routes(app: Litestar) -> list[str]:
    return sorted(
        f"{method} {route.path}"
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods - {"OPTIONS"}
    )


def test_the_table_has_every_route_and_no_other(app: Litestar) -> None:
    assert sorted(f"{method} {path}" for method, path, _ in table()) == routes(app)


@pytest.mark.parametrize("who", WHO)
async def test_who_may_do_what(who: str, client: httpx.AsyncClient, client_as: ClientAs) -> None:
    browser = client if who == "anonymous" else await client_as(Role(who))
    # Signing out ends the walk, and a shared terminal forgets who was signed in.
    last = ("/sign-out", "/terminal")
    lines = sorted(table(), key=lambda line: line[1].startswith(last))

    found = {}
    for method, path, may in lines:
        there = re.sub(r"{\w+:(\w+)}", lambda part: SAMPLES[part[1]], path)
        answer = await browser.request(method, there)
        assert answer.status_code < 500, (method, path)
        found[f"{method} {path}"] = (let_in(answer), may[who])

    assert {line: both for line, both in found.items() if both[0] is not both[1]} == {}


def let_in(answer: httpx.Response) -> bool:
    """Was the door open, whatever stood behind it?"""
    to_sign_in = answer.headers.get("location", "").startswith("/sign-in?next=")
    return answer.status_code != 403 and not to_sign_in


@pytest.mark.parametrize(("surface", "unmounted"), [("public", "staff"), ("staff", "public")])
def test_a_surface_mounts_its_own_routes_and_the_door(surface: Surface, unmounted: str) -> None:
    mounted = set(routes(create_app(replace(settings(), surface=surface))))

    door = {"/sign-in", "/sign-in/password", "/sign-out", "/language"}
    door |= {"/healthz", "/readyz", "/robots.txt"}
    sides = {"staff": set[str](), "public": set[str]()}
    for method, path, _ in table():
        if path not in door and not path.startswith(("/static", "/my", "/sign-in")):
            side = "staff" if path.startswith("/staff") else "public"
            sides[side].add(f"{method} {path}")
    other = "public" if unmounted == "staff" else "staff"
    assert sides[other] <= mounted
    assert not (sides[unmounted] - {"GET /"}) & mounted
    assert {f"GET {path}" for path in door} & mounted == {
        f"GET {path}" for path in door - {"/sign-out", "/language"}
    }
