"""Forms of claimants' pages without a browser: the token that they bring along."""

import re
from typing import Any

import httpx

from appointed.app.parts import Parts
from appointed.http.credentials import xsrf_value

TOKEN = re.compile(r'<input type="hidden" name="token" value="([0-9a-f]{64})">')


def token_of(parts: Parts, link: str) -> str:
    """Give the token of a link, which most of its pages show."""
    return xsrf_value(httpx.URL(link).params["key"], parts.claimant_forms_key)


def press(client: httpx.Client, link: str, **values: Any) -> httpx.Response:
    """Send the form that stands on a link's page, as a browser does."""
    page = client.get(link, params=dict(httpx.URL(link).params) | {"step": "check"}).text
    (token,) = TOKEN.findall(page)
    return client.post(link, data={"token": token} | values)
