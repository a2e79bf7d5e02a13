"""`$filter` as a tree of conditions (OData, Using filters).

filter    = condition { ("and" | "or") condition }, "and" before "or", with "not" and brackets
condition = column operator [value | "(" value { "," value } ")"] | function "(" ... ")" | column
"""

from typing import NamedTuple

from appointed.superoffice.archive.tokens import Kind, Token, tokens_of, wrong

DEEPEST = 100
MOST_CONDITIONS = 200
MOST_VALUES = 1_000

# Operators that take no value.
UNARY = frozenset(
    {
        "currentassociate",
        "currentusergroup",
        "isnull",
        "isnotnull",
        "beforetoday",
        "today",
        "aftertoday",
        *(
            f"{which}{period}"
            for which in ("last", "this", "next")
            for period in ("week", "month", "quarter")
        ),
        *(
            which + period
            for which in ("last", "this", "next")
            for period in ("week", "month", "quarter", "half", "year")
        ),
    }
)
# Operators that take their value or none: what is set is true.
LONE = frozenset({"set"})
# Function → the operator that means the same, and which argument is the column.
FUNCTIONS = {
    "startswith": ("begins", 0),
    "endswith": ("ends", 0),
    "contains": ("contains", 0),
    "substringof": ("contains", 1),
    "this": ("thisPeriod", 0),
    "next": ("nextPeriod", 0),
    "previous": ("previousPeriod", 0),
    "thisandnext": ("thisAndNext", 0),
    "thisandprevious": ("thisAndPrevious", 0),
    "thisandpreviousandnext": ("thisPreviousAndNext", 0),
}
JOINTS = frozenset({"and", "or"})
TRUTHS = {"true": True, "1": True, "false": False, "0": False}
LITERALS = (Kind.WORD, Kind.TEXT)
# OData's typed literals are a word glued to a text: datetime'2026-03-02'.
TYPED = frozenset({"datetime", "date", "datetimeoffset", "time", "guid"})
EQUAL, UNEQUAL = frozenset({"eq", "=", "=="}), frozenset({"ne", "!=", "<>"})


class Condition(NamedTuple):
    """One column restricted by an operator with its values, all as they were written.

    Of a function the operator is the one that means the same.
    """

    column: Token
    operator: Token
    values: tuple[Token, ...] = ()


class Group(NamedTuple):
    """Some nodes joined by "and" (`is_all`) or "or"; `is_not` turns the whole round."""

    nodes: "tuple[Tree, ...]"
    is_all: bool
    is_not: bool = False


Tree = Condition | Group


class _Frame:
    """One pair of brackets that is being read: alternatives of nodes that must all hold."""

    def __init__(self, opened: Token) -> None:
        self.opened = opened
        self.alternatives: list[list[Tree]] = [[]]
        self.is_not = False

    def add(self, node: Tree) -> None:
        if self.is_not:
            node = Group((node,), is_all=True, is_not=True)
            self.is_not = False
        self.alternatives[-1].append(node)

    def tree(self) -> Tree:
        parts = [nodes[0] if len(nodes) == 1 else Group(tuple(nodes), True) for nodes in self.alternatives]
        return parts[0] if len(parts) == 1 else Group(tuple(parts), is_all=False)


class Parser:
    """Reads one filter; keeps its own stack, so that no nesting can exhaust the interpreter's."""

    def __init__(self, text: str) -> None:
        self._rest = tokens_of(text)
        self._ahead = next(self._rest)
        self._conditions = 0
        self._values = 0

    def parse(self) -> Tree | None:
        """Give the tree, None for a blank filter; raises InvalidRequest naming the place."""
        if self._peek().kind is Kind.END:
            return None
        frames = [_Frame(self._peek())]
        while True:
            self._read_term(frames)
            if self._joined(frames):
                return frames[0].tree()

    def _read_term(self, frames: list[_Frame]) -> None:
        """Read on until a condition stands; opens brackets on the way."""
        while True:
            token = self._take()
            if token.kind is Kind.OPEN:
                if len(frames) > DEEPEST:
                    raise wrong(f"brackets are nested deeper than {DEEPEST}", token)
                frames.append(_Frame(token))
            elif token.kind is Kind.WORD and token.text.lower() == "not":
                frames[-1].is_not = not frames[-1].is_not
            elif token.kind is Kind.WORD and token.text.lower() not in JOINTS:
                frames[-1].add(self._condition(token))
                return
            else:
                raise wrong("a column is expected here", token)

    def _joined(self, frames: list[_Frame]) -> bool:
        """Read what follows a condition; True at the end of the filter."""
        while True:
            token = self._take()
            word = token.text.lower() if token.kind is Kind.WORD else ""
            if word == "and":
                return False
            if word == "or":
                frames[-1].alternatives.append([])
                return False
            if token.kind is Kind.CLOSE and len(frames) > 1:
                closed = frames.pop()
                frames[-1].add(closed.tree())
            elif token.kind is Kind.END and len(frames) == 1:
                return True
            elif token.kind is Kind.END:
                raise wrong("this bracket is never closed", frames[-1].opened)
            else:
                raise wrong("'and', 'or' or the end is expected here", token)

    def _condition(self, column: Token) -> Tree:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise wrong(f"there are more than {MOST_CONDITIONS} conditions", column)
        operator = self._peek()
        if operator.kind is Kind.OPEN and column.text.lower() in FUNCTIONS:
            return self._function(column)
        if self._is_over():
            return Condition(column, column._replace(text="set"), (column._replace(text="true"),))
        if operator.kind not in (Kind.WORD, Kind.SIGN):
            raise wrong("an operator is expected here", operator)
        self._take()
        return Condition(column, operator, self._operands(operator))

    def _operands(self, operator: Token) -> tuple[Token, ...]:
        word = operator.text.lower()
        if word in UNARY or (word in LONE and self._is_over()):
            return ()
        token = self._literal()
        if token.kind in LITERALS:
            self._count(token)
            return (token,)
        if token.kind is not Kind.OPEN:
            raise wrong(f"a value is expected after '{operator.text[:20]}'", token)
        return self._list()

    def _list(self) -> tuple[Token, ...]:
        """Read values up to the closing bracket; the opening one is behind us."""
        found: list[Token] = []
        while True:
            token = self._literal()
            if token.kind not in LITERALS:
                raise wrong("a value is expected here", token)
            self._count(token)
            found.append(token)
            after = self._take()
            if after.kind is Kind.CLOSE:
                return tuple(found)
            if after.kind is not Kind.COMMA:
                raise wrong("',' or ')' is expected here", after)

    def _literal(self) -> Token:
        token, after = self._take(), self._peek()
        is_glued = after.kind is Kind.TEXT and after.at == token.at + len(token.text)
        return self._take() if is_glued and token.text.lower() in TYPED else token

    def _count(self, value: Token) -> None:
        self._values += 1
        if self._values > MOST_VALUES:
            raise wrong(f"there are more than {MOST_VALUES} values", value)

    def _function(self, name: Token) -> Tree:
        operator, place = FUNCTIONS[name.text.lower()]
        self._take()
        arguments = list(self._list())
        if len(arguments) <= place or arguments[place].kind is not Kind.WORD:
            raise wrong("the function needs a column", name)
        column = arguments.pop(place)
        condition = Condition(column, name._replace(text=operator, written=name.text), tuple(arguments))
        return condition if self._is_so() else Group((condition,), is_all=True, is_not=True)

    def _is_so(self) -> bool:
        """Read what OData writes after a function, `eq true`; nothing there means true."""
        sign = self._peek().text.lower()
        if self._peek().kind not in (Kind.WORD, Kind.SIGN) or sign not in EQUAL | UNEQUAL:
            return True
        self._take()
        truth = self._take()
        if truth.kind not in LITERALS or truth.text.lower() not in TRUTHS:
            raise wrong("true or false is expected here", truth)
        return TRUTHS[truth.text.lower()] is (sign in EQUAL)

    def _is_over(self) -> bool:
        """Tell whether the condition ends here."""
        after = self._peek()
        is_joint = after.kind is Kind.WORD and after.text.lower() in JOINTS
        return after.kind in (Kind.END, Kind.CLOSE) or is_joint

    def _peek(self) -> Token:
        return self._ahead

    def _take(self) -> Token:
        token, self._ahead = self._ahead, next(self._rest)
        return token


def parse_filter(text: str) -> Tree | None:
    """Read a filter; None for a blank one. Raises InvalidRequest naming the place."""
    return Parser(text).parse()
