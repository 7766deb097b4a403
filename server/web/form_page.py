"""A page that asks one thing: facts about it, the form, and a button that says what happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response

from server.web.forms import Form
from server.web.pages import page


@dataclass(frozen=True)
class Asking:
    """What stands around a form; `action` is where it goes, `stop` marks what takes away."""

    title: str
    back: str
    action: str
    button: str
    lead: str = ""
    facts: Sequence[tuple[str, str]] = ()
    stop: bool = False


def form_page(
    request: Request[Any, Any, Any],
    form: Form,
    asking: Asking,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    """The form with what is asked; `conflict` shows what two have changed."""
    return page(
        request,
        "form_page.html",
        form=form,
        asking=asking,
        conflict=conflict,
        status_code=status_code,
    )
