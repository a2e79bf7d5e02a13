"""Which tests stay together on one worker, so that a server or database is started once."""

from xdist.scheduler import LoadScopeScheduling

# Folders whose tests share one server per engine, and mind no row that others left there.
SHARED = ("tests/contracts/sqod",)
# Runs on both workers at once: what it attacks with one document takes as long as with all others.
SPLIT = "tests/contracts/test_schemathesis.py"


class TogetherByServer(LoadScopeScheduling):
    """Tests of one file stay together in their order, and so do all tests of a folder whose server is the same."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Name the group of a test by the name that pytest gives it."""
    file, _, test = nodeid.partition("::")
    folder, values = file.rpartition("/")[0], test.partition("[")[2].rstrip("]").split("-")
    engine = next((value for value in values if value in ("sqlite", "postgres")), "")
    if folder in SHARED and engine:
        return f"{folder} {engine}"
    if file == SPLIT:
        return f"{file} {'superoffice' in values}"
    return file
