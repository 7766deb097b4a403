"""Signing in and out, and the administrator's pages, as a browser meets them."""

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from server.accounts import queries
from server.accounts.tables import Account, FailedTry, SignIn
from server.roles import Role
from server.settings import settings
from tests import factories
from tests.factories import PASSWORD
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


async def test_sign_in_sets_one_cookie_that_scripts_cannot_read(client: httpx.AsyncClient) -> None:
    account = await factories.make_account()

    answer = await client.post("/sign-in", data={"login": account.login, "password": PASSWORD})

    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    assert re.fullmatch(
        r"sign_in=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax",
        answer.headers["set-cookie"],
    )


async def test_sign_in_never_adopts_a_token_from_the_browser(client: httpx.AsyncClient) -> None:
    account = await factories.make_account()
    client.cookies.set("sign_in", "chosen-by-an-attacker")

    await client.post("/sign-in", data={"login": account.login, "password": PASSWORD})

    tokens = [cookie.value for cookie in client.cookies.jar]
    assert "chosen-by-an-attacker" not in tokens[-1:]
    assert await SignIn.count() == 1


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/staff/courses?page=2", "/staff/courses?page=2"),
        ("//evil.example/", "/staff"),
        ("https://evil.example/", "/staff"),
        ("", "/staff"),
    ],
)
async def test_sign_in_goes_on_to_a_page_of_this_site(
    client: httpx.AsyncClient, wanted: str, location: str
) -> None:
    account = await factories.make_account()
    form = await client.get("/sign-in", params={"next": wanted})
    kept = re.search(r'name="next"[^>]*value="([^"]*)"', form.text)
    assert kept

    answer = await client.post(
        "/sign-in",
        data={"login": account.login, "password": PASSWORD, "next": kept[1]},
    )

    assert answer.headers["location"] == location


async def test_a_closed_page_asks_to_sign_in_and_comes_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/staff/accounts?page=2")

    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/sign-in?next=/staff/accounts%3Fpage%3D2",
    )


async def test_a_wrong_password_keeps_the_login_and_never_the_password(
    client: httpx.AsyncClient,
) -> None:
    account = await factories.make_account()

    answer = await client.post(
        "/sign-in", data={"login": account.login, "password": "a wrong password"}
    )

    assert answer.status_code == 409
    assert "ログインIDまたはパスワードが違います。" in answer.text
    assert f'value="{account.login}"' in answer.text
    assert "a wrong password" not in answer.text
    assert "set-cookie" not in answer.headers


async def test_an_empty_form_is_shown_again(client: httpx.AsyncClient) -> None:
    answer = await client.post("/sign-in", data={})

    assert answer.status_code == 422
    assert answer.text.count("入力してください。") == 4
    assert await FailedTry.count() == 0


@pytest.mark.parametrize("login", ["x" * 10_000, "\u0000", "𠮷髙👵", "' OR 1=1 --", "%"])
async def test_an_odd_login_gets_a_clear_answer(client: httpx.AsyncClient, login: str) -> None:
    answer = await client.post("/sign-in", data={"login": login, "password": "x" * 100})

    assert answer.status_code in (409, 422)


async def test_the_sixth_try_is_answered_with_429(client: httpx.AsyncClient) -> None:
    words = {"login": "nobody", "password": "a wrong password"}

    answers = [await client.post("/sign-in", data=words) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [409] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "900"
    assert "15分ほど待ってから" in answers[-1].text


async def test_signing_out_ends_the_sign_in_in_every_browser(
    new_client: Callable[..., httpx.AsyncClient],
) -> None:
    account = await factories.make_account(Role.administrator)
    phone, desk = new_client(), new_client()
    for browser in (phone, desk):
        await browser.post("/sign-in", data={"login": account.login, "password": PASSWORD})

    answer = await phone.post("/sign-out")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert (await desk.get("/staff/accounts")).status_code == 303


async def test_a_page_writes_nothing_and_looks_the_sign_in_up_once(client_as: ClientAs) -> None:
    browser = await client_as(Role.coordinator)
    await browser.get("/sign-in/password")

    with counted() as sent:
        await browser.get("/sign-in/password")

    assert [each.split()[0] for each in sent] == ["SELECT"]


async def test_a_stranger_causes_no_statement_and_gets_no_cookie(
    client: httpx.AsyncClient,
) -> None:
    await client.get("/sign-in")

    with counted() as sent:
        answer = await client.get("/sign-in")

    assert [each for each in sent if "sign_in" in str(each)] == []
    assert "set-cookie" not in answer.headers


async def test_an_unknown_cookie_is_a_stranger(client: httpx.AsyncClient) -> None:
    answer = await client.get("/staff/accounts", headers={"cookie": "sign_in=anything"})

    assert answer.status_code == 303


async def test_a_signed_in_page_is_kept_by_nobody(client_as: ClientAs) -> None:
    browser = await client_as(Role.administrator)

    answer = await browser.get("/staff/accounts")

    assert answer.headers["cache-control"] == "private, no-store"


async def test_an_administrator_adds_an_account_and_sees_its_password_once(
    client_as: ClientAs, client: httpx.AsyncClient
) -> None:
    admin = await client_as(Role.administrator)
    venue = await factories.make_venue(name="富田地区市民センター")

    answer = await admin.post(
        "/staff/accounts",
        data={"login": "tomida", "name": "田中太郎", "role": "venue", "venue": str(venue.id)},
    )

    password = re.search(r"(?:\w{5}-){3}\w{5}", answer.text)
    assert answer.status_code == 200
    assert password
    first = await client.post("/sign-in", data={"login": "tomida", "password": password[0]})
    assert first.headers["location"] == "/sign-in/password"
    listing = await admin.get("/staff/accounts")
    assert password[0] not in listing.text
    assert "富田地区市民センター" in listing.text


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({}, 422),
        ({"role": "king"}, 422),
        ({"role": ""}, 422),
        ({"venue": "4711"}, 422),
        ({"venue": "x"}, 422),
        ({"name": "山" * 121}, 422),
        ({"venue": ""}, 409),
    ],
)
async def test_an_account_that_cannot_be_added_keeps_what_was_typed(
    client_as: ClientAs, typed: dict[str, str], status: int
) -> None:
    admin = await client_as(Role.administrator)
    venue = await factories.make_venue()
    whole = {"login": "tomida", "name": "田中太郎", "role": "venue", "venue": str(venue.id)}

    answer = await admin.post("/staff/accounts", data=(whole | typed) if typed else {})

    assert answer.status_code == status
    assert not typed or 'value="tomida"' in answer.text
    assert await Account.count() == 1


async def test_an_administrator_resets_disables_and_opens_again(client_as: ClientAs) -> None:
    admin = await client_as(Role.administrator)
    account = await factories.make_account(Role.helpdesk)

    reset = await admin.post(f"/staff/accounts/{account.id}/password")
    disabled = await admin.post(f"/staff/accounts/{account.id}/disablement")
    closed = (await queries.every_account())[1]["disabled_at"]
    again = await admin.post(f"/staff/accounts/{account.id}/reopening")
    unknown = await admin.post("/staff/accounts/4711/disablement")

    answers = (reset, disabled, again, unknown)
    assert [answer.status_code for answer in answers] == [200, 303, 303, 409]
    assert closed is not None
    assert [row["disabled_at"] for row in await queries.every_account()] == [None, None]
    assert account.login in reset.text
    assert "このアカウントはありません。" in unknown.text


async def test_no_role_is_chosen_beforehand(client_as: ClientAs) -> None:
    admin = await client_as(Role.administrator)

    page = await admin.get("/staff/accounts/new")

    roles = page.text.split('id="role"')[1].split("</select>", maxsplit=1)[0]
    assert roles.startswith(' name="role" required><option value="">選んでください</option>')
    assert "selected" not in roles


async def test_what_shuts_somebody_out_is_said_before_and_after(client_as: ClientAs) -> None:
    admin = await client_as(Role.administrator)
    fukushi = await factories.make_account(Role.helpdesk, login="fukushi")

    password = await admin.get(f"/staff/accounts/{fukushi.id}/password")
    closing = await admin.get(f"/staff/accounts/{fukushi.id}/disablement")
    before = {row["login"]: row["disabled_at"] for row in await queries.every_account()}
    closed = await admin.post(f"/staff/accounts/{fukushi.id}/disablement")
    opened = await admin.post(f"/staff/accounts/{fukushi.id}/reopening")

    assert "fukushi さんの今のパスワードは使えなくなります。" in password.text
    assert "fukushi はログアウトされ、" in closing.text
    assert before["fukushi"] is None
    assert closed.headers["location"] == "/staff/accounts?done=disabled&login=fukushi"
    assert "fukushi を使用停止にしました。" in (await admin.get(closed.headers["location"])).text
    assert "もう一度使えるようにしました。" in (await admin.get(opened.headers["location"])).text
    forged = await admin.get("/staff/accounts?done=disabled&login=nobody")
    assert "を使用停止にしました。" not in forged.text
    assert (await admin.get("/staff/accounts/4711/password")).status_code == 404


async def test_a_password_is_changed_and_one_signs_in_again(client_as: ClientAs) -> None:
    browser = await client_as(Role.helpdesk)

    wrong = await browser.post(
        "/sign-in/password", data={"old": "a wrong one", "new": "a new long password"}
    )
    done = await browser.post(
        "/sign-in/password", data={"old": PASSWORD, "new": "a new long password"}
    )

    assert (wrong.status_code, done.status_code) == (409, 303)
    assert (await browser.get("/sign-in/password")).status_code == 303


async def test_the_cookie_insists_on_tls_where_the_address_does(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONARI_BASE_URL", "https://tonari.example.jp")
    settings.cache_clear()
    account = await factories.make_account()

    answer = await client.post("/sign-in", data={"login": account.login, "password": PASSWORD})
    monkeypatch.undo()
    settings.cache_clear()

    assert "; Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=63072000"


@pytest.mark.parametrize(
    ("role", "status", "words"),
    [(Role.supporter, 303, ""), (Role.helpdesk, 409, "職員用のページからログインしてください。")],
)
async def test_nobody_of_the_staff_signs_in_on_the_public_surface(
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    role: Role,
    status: int,
    words: str,
) -> None:
    account = await factories.make_account(role)
    monkeypatch.setenv("TONARI_SURFACE", "public")
    settings.cache_clear()

    answer = await client.post("/sign-in", data={"login": account.login, "password": PASSWORD})
    monkeypatch.undo()
    settings.cache_clear()

    assert answer.status_code == status
    assert words in answer.text


async def test_a_staff_role_counts_nothing_on_the_public_surface(
    client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await client_as(Role.administrator)
    monkeypatch.setenv("TONARI_SURFACE", "public")
    settings.cache_clear()

    answer = await browser.get("/staff/accounts")
    monkeypatch.undo()
    settings.cache_clear()

    assert answer.status_code == 403


async def test_p1_a_given_password_is_changed_before_anything_else(
    client_as: Callable[..., Awaitable[httpx.AsyncClient]],
) -> None:
    client = await client_as(Role.coordinator, must_change_password=True)

    page = await client.get("/staff/courses")
    change = await client.get("/sign-in/password")

    assert (page.status_code, page.headers["location"]) == (303, "/sign-in/password")
    assert change.status_code == 200


async def test_signing_in_again_ends_the_sign_in_that_the_browser_held(
    client: httpx.AsyncClient, new_client: Callable[..., httpx.AsyncClient]
) -> None:
    words = {"login": (await factories.make_account()).login, "password": PASSWORD}
    await client.post("/sign-in", data=words)
    thief = new_client()
    thief.cookies.set("sign_in", client.cookies["sign_in"])
    await client.post("/sign-in", data=words)

    assert (await client.get("/staff")).status_code == 200
    assert (await thief.get("/staff")).status_code == 303


@pytest.mark.parametrize("path", ["/language", "/sign-in", "/bookings", "/bookings/find"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", "next=/あ&language=en".encode()),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="next"'
            b'; filename="a"\r\n\r\nabc\r\n--x--\r\n',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="next"\r\n\r\n\xff\xfe\r\n--x--\r\n',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="next"'
            b"\r\nContent-Type: text/plain; charset=klingon\r\n\r\nabc\r\n--x--\r\n",
        ),
        ("multipart/form-data", b"no boundary"),
        ("application/x-www-form-urlencoded", b"%00=%00&name=%ED%A0%80"),
        ("text/plain", b"\x00\xff"),
    ],
)
async def test_a_malformed_post_is_the_senders_fault(
    client: httpx.AsyncClient, path: str, content_type: str, body: bytes
) -> None:
    answer = await client.post(path, content=body, headers={"content-type": content_type})

    assert 300 <= answer.status_code < 500, answer.text
