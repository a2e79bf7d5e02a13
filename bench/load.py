"""Load from outside: wrk against the server, pgbench against the database; both tell rate and latency."""

import re
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

# Five operations, the title new each time so that every request is a real change.
SCRIPT = """
local first, last = {first}, {last}
local count = 0
local headers = {{["Authorization"] = "{authorization}", ["Content-Type"] = "application/json"}}
function setup(thread)
  thread:set("number", math.random(1, 1000000))
end
function init(args)
  math.randomseed(number or 1)
end
function request()
  count = count + 1
  local text = number .. "-" .. count
  local body = '[{{"op":"replace","path":"/Title","value":"T' .. text .. '"}},'
    .. '{{"op":"replace","path":"/Location","value":"L' .. text .. '"}},'
    .. '{{"op":"replace","path":"/Priority/Id","value":' .. (count % 3 + 1) .. '}},'
    .. '{{"op":"replace","path":"/HasAlarm","value":true}},'
    .. '{{"op":"replace","path":"/AlarmLeadTime","value":"00:15:00"}}]'
  return wrk.format("PATCH", "/api/v1/Appointment/" .. math.random(first, last), headers, body)
end
"""

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Measured:
    """Transactions or requests per second, and milliseconds at the median and the 99th percentile."""

    rate: float
    p50: float
    p99: float
    failed: int = 0


def patches(url: str, authorization: str, rows: tuple[int, int], connections: int, seconds: int) -> Measured:
    """PATCH random appointments between two ids over so many connections."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(SCRIPT.format(first=rows[0], last=rows[1], authorization=authorization))
        file.flush()
        threads = min(2, connections)
        command = [
            "wrk",
            f"-t{threads}",
            f"-c{connections}",
            f"-d{seconds}s",
            "--latency",
            "-s",
            file.name,
            url,
        ]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return Measured(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", text)),
        p50=_milliseconds(r"50%\s+([\d.]+)(us|ms|s)", text),
        p99=_milliseconds(r"99%\s+([\d.]+)(us|ms|s)", text),
        failed=int(failed.group(1) if failed else 0) + sum(map(int, lost.groups() if lost else ())),
    )


def transactions(dsn: str, script: Path, clients: int, seconds: int) -> Measured:
    """Run one pgbench script with so many clients."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["pgbench", "-n", "-M", "prepared", "-f", str(script), "-c", str(clients)]
        command += [
            "-j",
            str(min(2, clients)),
            "-T",
            str(seconds),
            "-l",
            "--log-prefix",
            f"{folder}/log",
            dsn,
        ]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        lines = (line for log in Path(folder).glob("log*") for line in log.read_text().splitlines())
        times = sorted(int(line.split()[2]) / 1000 for line in lines)
    cuts = statistics.quantiles(times, n=100)
    rate = float(_found(r"tps = ([\d.]+)", text))
    return Measured(rate=rate, p50=statistics.median(times), p99=cuts[98])


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"No {pattern!r} in:\n{text}")
    return match.group(1)


def _milliseconds(pattern: str, text: str) -> float:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"No {pattern!r} in:\n{text}")
    return float(match.group(1)) * UNITS[match.group(2)]
