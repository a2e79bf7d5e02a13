"""Laravel's default English wording of broken rules."""

from collections.abc import Iterable

from appointed.domain.errors import Problem

# {x} is the member, {allowed} and its parts are what the rule allows.
MESSAGES = {
    "required": "The {x} field is required.",
    "integer": "The {x} field must be an integer.",
    "boolean": "The {x} field must be true or false.",
    "date": "The {x} field must be a valid date.",
    "numeric": "The {x} field must be a number.",
    "time": "The {x} field must match the format H:i.",
    "after": "The {x} field must be after {allowed}.",
    "distinct": "The {x} field has a duplicate value.",
    "answered": "The {x} field must answer {allowed}.",
    "email": "The {x} field must be a valid email address.",
    "uuid": "The {x} field must be a valid UUID.",
    "string": "The {x} field must be a string.",
    "array": "The {x} field must be an array.",
    "in": "The selected {x} is invalid.",
    "host": "The {x} field must be a list of host names.",
    "exists": "The selected {x} is invalid.",
    "move": "The selected {x} is invalid.",
    "step": "The {x} cannot become this now; it may become: {allowed}.",
    "unique": "The {x} has already been taken.",
    "max": "The {x} field must not be greater than {allowed} characters.",
    "longest": "The {x} field must not be greater than {allowed} characters.",
    "between": "The {x} field must be between {allowed[0]} and {allowed[1]}.",
    "range": "The {x} field must be between {allowed[0]} and {allowed[1]}.",
    "most": "The {x} field must not have more than {allowed} items.",
    "characters": "The {x} field must not contain the character U+0000.",
    "same_day": "The {x} field has the date on another day than the rule of the series.",
    "calendar": "The {x} field leads past an end of the calendar.",
    "reader": "The {x} field has nobody who would read it.",
    "format": "The {x} field format is invalid.",
    "min": "The {x} field must be at least {allowed} characters.",
    "current_password": "The password is incorrect.",
    "prohibited": "The {x} field is prohibited.",
    "last": "The {x} field would leave nobody who administers everything.",
    "yourself": "The {x} field cannot be changed by oneself.",
    "in_use": "The {x} field cannot be changed for the default user of {allowed}.",
    "reserved": "The {x} is reserved.",
    "widens": "The {x} field can only change to a type that holds every value.",
    "answers": "The {x} did not answer the test event.",
    "prog_id": "The {x} field must be a program id.",
    "empty": "The {x} field must have at least one day.",
    "depth": "The {x} field must not be nested deeper than {allowed} levels.",
    "url_form": "The {x} field must be a valid URL, without a name or password.",
    "url_network": "The {x} field must lead to a public address; others need the operator's setting "
    "APPOINTED_WEBHOOK_NETWORKS.",
    "url_plain_http": "The {x} field must begin with https://; plain http:// needs the operator's setting "
    "APPOINTED_WEBHOOK_PLAIN_HTTP.",
    "url_port": "The {x} field must name one of these ports: {allowed}; others need the operator's setting "
    "APPOINTED_WEBHOOK_PORTS.",
    "url_scheme": "The {x} field must begin with https://.",
    "url_not_allowed": "The {x} field must be an allowed https URL.",
}

OTHERWISE = "The {x} field is invalid."

# What the domain calls otherwise than this contract.
MEMBERS = {"starts_at": "appointment_at", "ends_at": "duration_in_minutes"}


def errors_of(problems: Iterable[Problem]) -> dict[str, list[str]]:
    """Word every problem, by the dotted path of its member."""
    errors: dict[str, list[str]] = {}
    for problem in problems:
        errors.setdefault(MEMBERS.get(problem.path, problem.path), []).append(message(problem))
    return errors


def message(problem: Problem) -> str:
    """Word one problem; the member's name is its path with spaces for underscores."""
    name = MEMBERS.get(problem.path, problem.path).replace("_", " ")
    return MESSAGES.get(problem.rule, OTHERWISE).format(x=name, allowed=problem.allowed)


def summary(errors: dict[str, list[str]]) -> str:
    """Give the first message and how many more there are."""
    first, *more = [text for texts in errors.values() for text in texts]
    if not more:
        return first
    return f"{first} (and {len(more)} more error{'s' if len(more) > 1 else ''})"
