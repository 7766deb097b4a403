"""What the office knows of a supporter, what she may change of it herself; her certificate."""

import re
from dataclasses import fields, replace
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from wtforms import Field, SelectMultipleField, StringField, TelField
from wtforms.validators import ValidationError

from server import text
from server.activity.routes.supporter import SUPPORTER, AnyRequest, Row, provide_supporter
from server.people import merging
from server.refusals import N_, Refused, Stale
from server.supporters import credentials, register, schemes
from server.supporters.register import SupporterFacts
from server.supporters.tables import Weekday
from server.training import certificates
from server.web.forms import Form, Required, choices, no_longer_than
from server.web.pages import note_of, page, see_other
from server.web.versions import MergingForm
from server.web.words import gettext, lazy

PHONE = re.compile(r"0\d{9,10}")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
NOTES = {"saved": lazy(N_("Saved."))}
LISTS = ("days", "devices", "languages")
DEVICES = {"android": N_("Android"), "iphone": N_("iPhone"), "pc": N_("Computer")}
LANGUAGES = {
    "ja": N_("Japanese"),
    "en": N_("English (language)"),
    "pt": N_("Portuguese"),
    "sign": N_("Sign language"),
}
DAYS = {
    Weekday.mon: (N_("Monday morning"), N_("Monday afternoon")),
    Weekday.tue: (N_("Tuesday morning"), N_("Tuesday afternoon")),
    Weekday.wed: (N_("Wednesday morning"), N_("Wednesday afternoon")),
    Weekday.thu: (N_("Thursday morning"), N_("Thursday afternoon")),
    Weekday.fri: (N_("Friday morning"), N_("Friday afternoon")),
    Weekday.sat: (N_("Saturday morning"), N_("Saturday afternoon")),
    Weekday.sun: (N_("Sunday morning"), N_("Sunday afternoon")),
}


def phone_number(_: Form, field: Field) -> None:
    """A Japanese number has 10 or 11 digits and begins with 0."""
    if not PHONE.fullmatch(text.phone_key(field.data)):
        raise ValidationError(
            gettext(
                "Please write the number with its area code, 10 or 11 digits beginning with 0,"
                " for example 059-000-0123."
            )
        )


def email_address(_: Form, field: Field) -> None:
    """An e-mail address, where one is given, has one @ and a domain."""
    if field.data and not EMAIL.fullmatch(text.email_key(field.data)):
        raise ValidationError(
            gettext("Please write the whole address, for example hanako@example.jp.")
        )


class ProfileForm(MergingForm):
    """What a supporter says of herself: how to reach her, when she can help, with what."""

    phone = TelField(
        N_("Phone number"),
        [no_longer_than(40), Required(lazy(N_("Please write your phone number."))), phone_number],
        render_kw={"inputmode": "tel", "autocomplete": "tel", "data-width": "m", "maxlength": 40},
    )
    email = StringField(
        N_("E-mail"),
        [no_longer_than(254), email_address],
        render_kw={"inputmode": "email", "autocomplete": "email", "maxlength": 254},
    )
    days = SelectMultipleField(
        N_("When you can help"), description=N_("Tick all that suit you as a rule.")
    )
    devices = SelectMultipleField(N_("Devices that you know"))
    languages = SelectMultipleField(N_("Languages"))

    def __init__(self, formdata: FormMultiDict | None = None, supporter: Row | None = None) -> None:
        """Take what was posted, or the row of the register."""
        row = supporter or {}
        shown = {name: [each for each in row.get(name, "").split(",") if each] for name in LISTS}
        super().__init__(formdata, data={**row, **shown} if row else None)
        self._offer(
            "days",
            [
                (f"{day}_{half}", gettext(words))
                for day, both in DAYS.items()
                for half, words in zip(("am", "pm"), both, strict=True)
            ],
        )
        self._offer("devices", [(key, gettext(words)) for key, words in DEVICES.items()])
        self._offer("languages", [(key, gettext(words)) for key, words in LANGUAGES.items()])
        if row:
            self.remember()

    def facts(self, supporter: Row) -> SupporterFacts:
        """All that the office keeps, with what she has changed of it."""
        names = {each.name for each in fields(SupporterFacts)} - {"district_id"}
        kept = SupporterFacts(
            district_id=supporter["district"], **{name: supporter[name] for name in names}
        )
        said: dict[str, Any] = {
            name: ",".join(dict.fromkeys(self[name].data or ())) for name in LISTS
        }
        return replace(kept, phone=self.typed("phone"), email=self.typed("email"), **said)

    def _offer(self, name: str, offered: list[tuple[str, str]]) -> None:
        field = self[name]
        assert isinstance(field, SelectMultipleField)
        field.choices = choices(offered)


@get("/my/profile", roles=SUPPORTER)
async def edit_profile(request: AnyRequest) -> Response[str]:
    """Her own data, in a form as far as she may change it (P1)."""
    supporter = await provide_supporter(request)
    return await _profile_page(request, supporter, ProfileForm(supporter=supporter))


@post("/my/profile", roles=SUPPORTER)
async def update_profile(request: AnyRequest) -> Response[Any]:
    """Keep what she has changed."""
    supporter = await provide_supporter(request)
    form = ProfileForm(await request.form())
    if not form.validate():
        return await _profile_page(request, supporter, form, status_code=422)
    try:
        facts = form.facts(supporter)
        await register.edit(supporter["id"], facts, version=form.seen, by=request.user)
    except Stale:
        now = await provide_supporter(request)
        conflict = form.merge(ProfileForm(supporter=now))
        return await _profile_page(request, now, form, conflict, status_code=409)
    except Refused as refused:
        form.refuse(refused)
        return await _profile_page(request, supporter, form, status_code=409)
    return see_other("/my/profile?done=saved")


@get("/my/certificates/{certificate_id:int}", roles=SUPPORTER)
async def show_certificate(request: AnyRequest, certificate_id: FromPath[int]) -> Response[str]:
    """Her own certificate, while it stands."""
    supporter = await provide_supporter(request)
    selves = (await merging.selves([supporter["person_id"]]))[supporter["person_id"]]
    certificate = await certificates.get(certificate_id)
    if (
        certificate is None
        or certificate["person"] not in selves
        or certificate["voided_at"] is not None
    ):
        raise NotFoundException
    scheme = await schemes.current()
    return page(
        request, "activity/my_certificate.html", certificate=certificate, issuer=scheme.issuer
    )


async def _profile_page(
    request: AnyRequest,
    supporter: Row,
    form: ProfileForm,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "activity/my_profile.html",
        supporter=supporter,
        form=form,
        conflict=conflict or [],
        papers=await credentials.of(supporter["id"]),
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


handlers = [edit_profile, update_profile, show_certificate]
