"""What is to come as open data, and under which licence."""

from typing import Any

from litestar import Request, Response, get

from server.web.pages import page


@get("/opendata", public=True, cached=True)
async def show_opendata(request: Request[Any, Any, Any]) -> Response[str]:
    """The files that will be here, and the licence."""
    return page(request, "opendata/opendata.html")


public = [show_opendata]
