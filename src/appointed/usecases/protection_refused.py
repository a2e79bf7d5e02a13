"""What commands that keep data safe raise."""


class CannotProtect(Exception):
    """The command cannot be carried out, or found what is wrong; the message says why, for the operator."""
