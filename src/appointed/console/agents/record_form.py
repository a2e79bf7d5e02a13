"""What the forms of departments and users have in common: what came back of them, and their page."""

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from appointed.console.agents.desk import Desk
from appointed.console.agents.edit_form import WAS, Group, Typed
from appointed.console.agents.forms import Form
from appointed.console.agents.session import Visitor

# What a page may say after something was done.
DONE: Final = frozenset({"saved", "same", "added"})
STALE: Final = 412


def typed_of(form: Form) -> Typed:
    """Read what a form brought, and what had stood in its fields."""
    was = form.beginning(WAS)
    return Typed(given={name: form.text(name) for name in was if name in form.values}, was=was)


def done_of(request: Request) -> str:
    """Read what was done before the page was opened; other texts in its address are not shown."""
    done = request.query_params.get("done", "")
    return done if done in DONE else ""


def record_page(
    desk: Desk,
    request: Request,
    visitor: Visitor,
    status: int,
    groups: Sequence[Group],
    typed: Typed,
    **values: Any,
) -> Response:
    """Show the form of a record; problems that stand beside no field stand at its top."""
    names = {field.name for group in groups for field in group.fields}
    others = [one for name, found in typed.problems.items() if name not in names for one in found]
    told = {
        "done": "",
        "key": "",
        "refused": "",
        "lead": "",
        "shortest": 0,
        "hints": (),
        "save": "agents.edit.save",
    } | values
    return desk.page(
        request,
        "agents_record.html",
        visitor,
        status,
        groups=groups,
        is_wrong=bool(typed.problems),
        others=others,
        is_stale=status == STALE,
        **told,
    )
