"""Computes the uptime and activity figures a second time, straight from their definitions.

Nothing here is shared with the system it checks, and nothing here is made to be fast. Time is whole
milliseconds since 1970 UTC, shares are fractions; a float appears only when a finished number of
seconds is printed. A line is bytes holding one JSON object; arrival is the order of the lines.

    figures.py uptime   FILE... --options OPTIONS.json [--service NAME]
    figures.py activity FILE... --options OPTIONS.json
    figures.py compare  EXPECTED.json ACTUAL.json [--float-free] [--ignore PATH ...]
"""

import argparse
import gzip
import json
import re
import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

STATES = ("up", "degraded", "down", "maintenance", "unknown")
GOOD = ("up", "degraded")
WORDS = {
    "up": "up ok operational online healthy passing success",
    "degraded": "degraded degradedperformance partial partialoutage disrupted warning slow",
    "down": "down outage majoroutage fulloutage offline critical failed failing error unhealthy",
    "maintenance": "maintenance undermaintenance",
    "unknown": "unknown pending paused nodata retired removed disabled",
}
STATE_OF_WORD = {word: state for state, words in WORDS.items() for word in words.split()}
# For each rule the states in order of precedence: the first that any member has is the group's.
PRECEDENCE = {
    "worst": ("down", "unknown", "degraded", "up"),
    "best": ("up", "unknown", "degraded", "down"),
}
WARNINGS = (
    "rejected", "outOfOrder", "duplicates", "conflicts", "clampedSkew", "future", "unknownStatus"
)
BEGINNING = -(10**15)  # before every instant that can be written
SESSION_GAP = 30 * 60 * 1000


# --- time -------------------------------------------------------------------------------------

RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)


def instant(text):
    """Milliseconds of an RFC 3339 timestamp; ValueError when it is anything else."""
    match = RFC3339.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f"not an RFC 3339 timestamp: {text!r}")
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction, sign, offset_hour, offset_minute = match.groups()[6:]
    offset_hour, offset_minute = int(offset_hour or 0), int(offset_minute or 0)
    # A second of 60 is a leap second and by plain arithmetic falls on the next second.
    if hour > 23 or minute > 59 or second > 60 or offset_hour > 23 or offset_minute > 59:
        raise ValueError(f"no such time: {text!r}")
    days = date(year, month, day).toordinal() - date(1970, 1, 1).toordinal()
    offset = (offset_hour * 60 + offset_minute) * (-1 if sign == "-" else 1)
    seconds = days * 86400 + (hour * 60 + minute - offset) * 60 + second
    return seconds * 1000 + int((fraction or "")[:3].ljust(3, "0"))


def written(milliseconds):
    moment = datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds" if milliseconds % 1000 else "seconds") + "Z"


def local_date(milliseconds, zone):
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=milliseconds)
    return moment.astimezone(zone).date()


def day_start(day, zone):
    """The first instant of a local date, also where the clock skips or repeats midnight."""
    first, second = (
        int(datetime.combine(day, time(fold=fold), zone).timestamp()) for fold in (0, 1)
    )
    if second >= first:
        return first * 1000
    # Midnight does not exist: the date begins where the clock jumps, between the two guesses.
    gap = range(second, first)
    jump = bisect_left(gap, day, key=lambda moment: local_date(moment * 1000, zone))
    return (second + jump) * 1000


def local_days(start, end, zone):
    """(date, first instant, first instant of the next) of every local day that overlaps."""
    day, last = (local_date(t, zone) + timedelta(days=n) for t, n in ((start, -1), (end, 1)))
    while day <= last:
        begin, finish = day_start(day, zone), day_start(day + timedelta(days=1), zone)
        if begin < finish and begin < end and finish > start:  # a skipped date has no instant
            yield day, begin, finish
        day += timedelta(days=1)


# --- numbers ----------------------------------------------------------------------------------


def seconds(milliseconds):
    """Seconds as a minimal number, cut (not rounded) to whole milliseconds; None stays None."""
    if milliseconds is None:
        return None
    whole = int(milliseconds)
    return whole // 1000 if whole % 1000 == 0 else whole / 1000


def ratio(part, whole):
    return Fraction(part) / whole if whole else None


def percent(share, decimals):
    """A share as a percentage in text, cut to `decimals` digits; nothing stays nothing."""
    if share is None:
        return None
    digits = str(int(share * 100 * 10**decimals)).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


def nearest_rank(ordered, percentile):
    return ordered[-(-percentile * len(ordered) // 100) - 1]


def minimal(number):
    return int(number) if number == int(number) else float(number)


# --- options ----------------------------------------------------------------------------------


class Options:
    """The options of a report, in milliseconds and fractions."""

    def __init__(self, given):
        exact = lambda name, default: Fraction(str(given.get(name, default)))
        milliseconds = lambda name, default: exact(name, default) * 1000
        self.zone = ZoneInfo(given.get("timezone", "UTC"))
        self.start = self.end = None
        if "from" in given:
            self.start = day_start(date.fromisoformat(given["from"]), self.zone)
            self.end = day_start(date.fromisoformat(given["to"]), self.zone)
        elif "start" in given:
            self.start, self.end = instant(given["start"]), instant(given["end"])
        self.as_of = instant(given["asOf"]) if "asOf" in given else self.end
        self.service = given.get("service")
        self.group = given.get("group")
        self.weight = exact("degradedWeight", 0)
        if not 0 <= self.weight <= 1:
            raise ValueError("degradedWeight lies outside 0...1")
        self.stale = milliseconds("staleAfterSeconds", 0) if "staleAfterSeconds" in given else None
        self.merge_gap = milliseconds("mergeGapSeconds", 0)
        self.minimum = milliseconds("minIncidentSeconds", 0)
        self.skew = milliseconds("skewSeconds", 300)
        self.target = exact("sloTarget", 0) / 100 if "sloTarget" in given else None
        self.decimals = given.get("decimals", 3)
        self.through = given.get("throughPosition")
        self.windows = [
            (window.get("service"), instant(window["start"]), instant(window["end"]))
            for window in given.get("maintenance", [])
        ]

    @property
    def horizon(self):
        """Where the period stops being counted: its end, or what is known of it."""
        return max(self.start, min(self.end, self.as_of))


# --- facts ------------------------------------------------------------------------------------


class Fact(NamedTuple):
    time: int
    word: str
    event_id: str | None
    recorded: int | None
    response: int | Decimal | None

    @property
    def state(self):
        return STATE_OF_WORD.get(re.sub("[-_ ]", "", self.word.lower()), "unknown")


def decoded(line):
    """The JSON object of a line, or None."""
    try:
        record = json.loads(line.decode("utf-8"), parse_float=Decimal, parse_constant=int)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def fact_of(record):
    """The fact in a record; ValueError when a needed member is missing or one is of no use."""
    word, event_id, response = (record.get(k) for k in ("status", "eventId", "responseMs"))
    recorded = record.get("recordedAt")
    number = isinstance(response, (int, Decimal)) and not isinstance(response, bool)
    if not isinstance(word, str) or not (event_id is None or isinstance(event_id, str)):
        raise ValueError("no status, or an event id that is not text")
    if response is not None and not (number and response >= 0):
        raise ValueError("a response time that is no time")
    recorded = None if recorded is None else instant(recorded)
    return Fact(instant(record.get("timestamp")), word, event_id, recorded, response)


def read_facts(lines, through):
    """Facts by service and rejected lines by service (None: the line names no service)."""
    facts, rejected = defaultdict(list), Counter()
    for position, line in enumerate(lines):
        if through is not None and position > through:
            break
        record = decoded(line)
        if record and record.get("type", "ServiceStatusChanged") != "ServiceStatusChanged":
            continue
        name = record.get("serviceName") if record else None
        name = name if isinstance(name, str) and name else None
        try:
            fact = fact_of(record or {})
        except ValueError:
            fact = None
        if fact and name:
            facts[name].append(fact)
        else:
            rejected[name] += 1
    return facts, rejected


def known_facts(arrived, options):
    """What is known at `asOf`, in order of time, and the warnings on the way there."""
    warnings, first, known, latest = Counter(), {}, [], BEGINNING
    for fact in arrived:
        content = (fact.time, fact.state)
        if fact.event_id is not None and fact.event_id in first:
            same = first[fact.event_id] == content
            warnings["duplicates" if same else "conflicts"] += 1
            continue
        first[fact.event_id] = content
        if fact.recorded is not None and fact.time > fact.recorded + options.skew:
            warnings["clampedSkew"] += 1
            fact = fact._replace(time=fact.recorded)
        if fact.time >= options.as_of:
            warnings["future"] += 1
            continue
        warnings["outOfOrder"] += fact.time < latest
        warnings["unknownStatus"] += re.sub("[-_ ]", "", fact.word.lower()) not in STATE_OF_WORD
        latest = max(latest, fact.time)
        known.append(fact)
    return sorted(known, key=lambda fact: fact.time), warnings  # stable: ties stay as arrived


# --- timelines --------------------------------------------------------------------------------


class Timeline:
    """A value for every instant, as the instants at which it changes."""

    def __init__(self, changes):
        self.times, self.values = [], []
        for moment, value in changes:  # in order; of several at one instant the last holds
            if self.times and self.times[-1] == moment:
                self.times.pop(), self.values.pop()
            if not self.values or self.values[-1] != value:
                self.times.append(moment), self.values.append(value)

    def at(self, moment):
        return self.values[bisect_right(self.times, moment) - 1]

    def runs(self, start, end):
        """(from, to, value) of each unbroken stretch, cut to [start, end)."""
        for index in range(bisect_right(self.times, start) - 1, len(self.times)):
            begin = max(start, self.times[index])
            finish = min(end, self.times[index + 1]) if index + 1 < len(self.times) else end
            if begin < finish:
                yield begin, finish, self.values[index]

    def totals(self, start, end):
        totals = Counter()
        for begin, finish, value in self.runs(start, end):
            totals[value] += finish - begin
        return totals


def overlay(function, *timelines):
    edges = sorted({moment for timeline in timelines for moment in timeline.times})
    return Timeline((t, function(*(line.at(t) for line in timelines))) for t in edges)


def evidence(facts, stale):
    """The state that the facts alone tell: unknown before the first and once they are stale."""
    changes = [(BEGINNING, "unknown")]
    for index, fact in enumerate(facts):
        changes.append((fact.time, fact.state))
        following = facts[index + 1].time if index + 1 < len(facts) else None
        if stale is not None and (following is None or fact.time + stale < following):
            changes.append((fact.time + stale, "unknown"))
    return Timeline(changes)


def planned(windows):
    edges = sorted({edge for window in windows for edge in window})
    inside = [(t, any(begin <= t < end for begin, end in windows)) for t in edges]
    return Timeline([(BEGINNING, False), *inside])


class History(NamedTuple):
    """The timeline of a service or group: as its facts tell it, and with maintenance over it."""

    bare: Timeline
    state: Timeline
    facts: list
    warnings: Counter

    @property
    def masked(self):
        hides = lambda bare, state: bare == "down" and state == "maintenance"
        return overlay(hides, self.bare, self.state)


def under_maintenance(name, timeline, options):
    windows = [(begin, end) for service, begin, end in options.windows if service in (None, name)]
    cover = lambda state, maintained: "maintenance" if maintained else state
    return overlay(cover, timeline, planned(windows))


def service_history(name, facts, rejected, options):
    known, warnings = known_facts(facts.get(name, []), options)
    warnings["rejected"] = rejected[name] + rejected[None]
    bare = evidence(known, options.stale)
    return History(bare, under_maintenance(name, bare, options), known, warnings)


def group_history(group, members, options):
    def combined(*states):
        counted = [state for state in states if state != "maintenance"]
        precedence = PRECEDENCE[group["rule"]]
        return next((state for state in precedence if state in counted), "maintenance")

    bare, state = (
        overlay(combined, *(getattr(member, layer) for member in members))
        for layer in ("bare", "state")
    )
    warnings = sum((member.warnings for member in members), Counter())
    return History(bare, under_maintenance(group["name"], state, options), [], warnings)


# --- incidents --------------------------------------------------------------------------------


@dataclass
class Incident:
    start: int
    censored: bool
    downs: list
    into: str | None = None  # the state right after its last down
    over: bool = True

    @property
    def end(self):
        return self.downs[-1][1]

    def downtime(self, start=BEGINNING, end=-BEGINNING):
        return sum(max(0, min(end, to) - max(start, begin)) for begin, to in self.downs)


def incidents(timeline, options):
    """Every incident of the known timeline, whatever the period.

    Only good time ends one: the last is not over while no more than the merge gap has followed it,
    even if sight of it was lost or maintenance began.
    """
    found, good, unseen, before = [], 0, False, "unknown"
    for begin, end, state in timeline.runs(BEGINNING, options.as_of):
        if state == "down":
            if found and good <= options.merge_gap:
                found[-1].censored |= unseen
                found[-1].downs.append((begin, end))
            else:
                found.append(Incident(begin, before == "unknown", [(begin, end)]))
            found[-1].into, good, unseen = None, 0, False
        elif found:
            found[-1].into = found[-1].into or state
            good += end - begin if state in GOOD else 0
            unseen |= state == "unknown"
        before = state
    if found and good <= options.merge_gap:
        found[-1].over = False
        found[-1].censored |= unseen
    for incident in found:
        incident.censored |= incident.into == "unknown"
    return [incident for incident in found if incident.downtime() >= options.minimum]


def incident_figures(timeline, good_time, options):
    start, end = options.start, options.horizon
    touching = [
        each for each in incidents(timeline, options)
        if each.start < end and (not each.over or each.end >= start)
    ]
    ended = [each for each in touching if each.over and each.end < end]
    started = [each for each in touching if each.start >= start]
    repairs = [each.downtime() for each in ended if not each.censored]
    inside = [each.downtime(start, end) for each in touching]
    return {
        "incidents": {
            "touching": len(touching),
            "started": len(started),
            "recovered": sum(each.into != "unknown" for each in ended),
            "open": len(touching) - len(ended),
            "censored": sum(each.censored for each in touching),
        },
        "mttrSeconds": seconds(ratio(sum(repairs), len(repairs))),
        "mtbfSeconds": seconds(ratio(good_time, len(started))),
        "longestDownSeconds": seconds(max(inside, default=0) or None),
    }


# --- uptime -----------------------------------------------------------------------------------


class Shares:
    """The shares of a stretch of time, from the milliseconds in each state."""

    def __init__(self, totals, weight):
        up, degraded, down, maintenance, unknown = (totals[state] for state in STATES)
        self.elapsed = up + degraded + down + maintenance + unknown
        self.measured = up + degraded + down
        self.lost = down + weight * degraded
        self.good_time = up + degraded
        kept = up + (1 - weight) * degraded
        self.availability = ratio(kept, self.measured)
        self.strict = ratio(up, self.measured)
        self.lenient = ratio(up + degraded, self.measured)
        self.lower = ratio(kept, self.measured + unknown)
        self.upper = ratio(kept + unknown, self.measured + unknown)
        self.coverage = ratio(self.measured + maintenance, self.elapsed)


def error_budget(shares, options):
    if options.target is None or not shares.measured:
        return None
    budget = (1 - options.target) * shares.measured
    return {
        "budgetSeconds": seconds(budget),
        "consumedSeconds": seconds(shares.lost),
        "remainingSeconds": seconds(budget - shares.lost),
        "consumedPct": percent(ratio(shares.lost, budget), options.decimals),
    }


def latency(history, options):
    samples = sorted(
        fact.response for fact in history.facts
        if fact.response is not None and options.start <= fact.time < options.horizon
        and fact.state in GOOD and history.state.at(fact.time) in GOOD
    )
    if not samples:
        return None
    ranks = {f"p{p}": minimal(nearest_rank(samples, p)) for p in (50, 95, 99)}
    return {"count": len(samples), **ranks, "max": minimal(samples[-1])}


def day_bars(timeline, options):
    for day, begin, finish in local_days(options.start, options.end, options.zone):
        totals = timeline.totals(max(begin, options.start), min(finish, options.horizon))
        share = Shares(totals, options.weight).availability
        yield {
            "date": day.isoformat(),
            "daySeconds": seconds(finish - begin),
            "seconds": {state: seconds(totals[state]) for state in STATES},
            "availabilityPct": percent(share, options.decimals),
        }


def entry(name, history, options):
    start, end = options.start, options.horizon
    totals = history.state.totals(start, end)
    shares = Shares(totals, options.weight)
    text = lambda share: percent(share, options.decimals)
    return {
        "service": name,
        "start": written(options.start),
        "end": written(options.end),
        "elapsedSeconds": seconds(shares.elapsed),
        "seconds": {state: seconds(totals[state]) for state in STATES},
        "measuredSeconds": seconds(shares.measured),
        "maskedDownSeconds": seconds(history.masked.totals(start, end)[True]),
        "availabilityPct": text(shares.availability),
        "strictPct": text(shares.strict),
        "lenientPct": text(shares.lenient),
        "lowerBoundPct": text(shares.lower),
        "upperBoundPct": text(shares.upper),
        "coveragePct": text(shares.coverage),
        **incident_figures(history.state, shares.good_time, options),
        "errorBudget": error_budget(shares, options),
        "latencyMs": latency(history, options),
        "days": list(day_bars(history.state, options)),
        "warnings": {warning: history.warnings[warning] for warning in WARNINGS},
    }


def uptime(lines, given, service=None):
    options = Options(given)
    if options.start is None:
        raise ValueError("an uptime report needs start and end, or from and to")
    facts, rejected = read_facts(lines, options.through)
    history = lambda name: service_history(name, facts, rejected, options)
    only = service or options.service
    names = [only] if only else sorted({*facts, *rejected} - {None})
    groups = []
    if options.group:
        members = [history(name) for name in options.group["members"]]
        combined = group_history(options.group, members, options)
        groups = [entry(options.group["name"], combined, options)]
    return {"services": [entry(name, history(name), options) for name in names], "groups": groups}


# --- activity ---------------------------------------------------------------------------------


def read_actions(lines, options):
    """(time, actor) of every action known at `asOf`, in order of time."""
    actions, rejected = [], 0
    for position, line in enumerate(lines):
        if options.through is not None and position > options.through:
            break
        record = decoded(line) or {}
        try:
            moment = instant(record.get("timestamp") or record.get("recordedAt"))
        except ValueError:
            moment = None
        actor = record.get("user")
        if moment is None or not isinstance(actor, str):
            rejected += 1
        elif options.as_of is None or moment < options.as_of:
            actions.append((moment, actor))
    if rejected:
        print(f"{rejected} lines without an actor or a time were left out", file=sys.stderr)
    return sorted(actions)


def session_figures(actions):
    sessions = {}  # actor: [[first, last], ...]
    for moment, actor in actions:
        own = sessions.setdefault(actor, [[moment, moment]])
        if moment - own[-1][1] > SESSION_GAP:
            own.append([moment, moment])
        own[-1][1] = moment
    lengths = sorted(last - first for own in sessions.values() for first, last in own)
    rank = lambda percentile: seconds(nearest_rank(lengths, percentile)) if lengths else None
    return {"count": len(lengths), "lengthP50Seconds": rank(50), "lengthP95Seconds": rank(95)}


def day_figures(actions, start, end, zone):
    """A row for each local day that overlaps [start, end), judged on the whole history before."""
    if start >= end:
        return
    days = list(local_days(min([start, *(t for t, _ in actions[:1])]), end, zone))
    starts = [begin for _, begin, _ in days]
    active, counts = [set() for _ in days], Counter()
    for moment, actor in actions:
        if moment < days[-1][2]:
            index = bisect_right(starts, moment) - 1
            active[index].add(actor)
            counts[index] += 1
    seen = set()
    for index, (day, _, finish) in enumerate(days):
        now, before = active[index], active[index - 1] if index else set()
        within = lambda count: len(set().union(*active[max(0, index - count + 1) : index + 1]))
        if finish > start:
            yield {
                "date": day.isoformat(),
                "actions": counts[index],
                "dau": len(now),
                "wau": within(7),
                "mau": within(28),
                "new": len(now - seen),
                "returning": len(now & before),
                "resurrected": len((now & seen) - before),
                "dormant": len(before - now),
            }
        seen |= now


def activity(lines, given):
    options = Options(given)
    actions = read_actions(lines, options)
    start, end = options.start, options.end
    if start is None and actions:  # no period given: everything
        start, end = actions[0][0], actions[-1][0] + 1
    start, end = start or 0, end or 0
    inside = [action for action in actions if start <= action[0] < end]
    return {
        "days": list(day_figures(actions, start, end, options.zone)),
        "actors": len({actor for _, actor in inside}),
        "actions": len(inside),
        "sessions": session_figures(inside),
    }


# --- comparison -------------------------------------------------------------------------------

COMPARED = {
    "seconds", "elapsedSeconds", "measuredSeconds", "maskedDownSeconds", "incidents",
    "mttrSeconds", "mtbfSeconds", "longestDownSeconds", "errorBudget", "latencyMs", "days",
    "warnings",
}
ABSENT = "nothing"
MINIMAL = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?")


def entries(document):
    """The parts of a report that are compared, by name."""
    if "services" not in document:
        return {"activity": document}
    parts = [*document["services"], *document.get("groups", [])]
    wanted = lambda key: key in COMPARED or key.endswith("Pct")
    return {part["service"]: {k: v for k, v in part.items() if wanted(k)} for part in parts}


def pairs(expected, actual, path=""):
    """(path, expected, actual) of every leaf that is expected; more than expected is allowed."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            yield from pairs(value, actual.get(key, ABSENT), f"{path}.{key}".lstrip("."))
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (left, right) in enumerate(zip(expected, actual)):
            yield from pairs(left, right, f"{path}[{left.get('date', index)}]")
    else:
        yield path, expected, actual


def ignored(path, ignore):
    plain = re.sub(r"\[.*?\]", "", path)
    return any(plain == name or plain.startswith(name + ".") for name in ignore)


def compare(expected, actual, ignore=()):
    """The differences as lines, and how many leaves are equal."""
    expected, actual = entries(expected), entries(actual)
    differences, passed = [], 0
    for name in sorted({*expected, *actual}):
        if name not in expected or name not in actual:
            missing = "expected" if name not in expected else "actual"
            differences.append(f"{name}: not in the {missing} report")
            continue
        for path, left, right in pairs(expected[name], actual[name]):
            if ignored(path, ignore):
                continue
            if left == right:
                passed += 1
            else:
                shown = [json.dumps(side, default=minimal) for side in (left, right)]
                differences.append(f"{name}: {path}: expected {shown[0]} got {shown[1]}")
    return differences, passed


def load(path, float_free=False):
    """A report with exact numbers; float-free keeps a number not minimally written as text."""
    def number(text):
        return text if float_free and not MINIMAL.fullmatch(text) else Decimal(text)

    with open(path, encoding="utf-8") as file:
        return json.load(file, parse_float=number, parse_int=number)


# --- command line -----------------------------------------------------------------------------


def lines_of(paths):
    for path in paths:
        with gzip.open(path) if str(path).endswith(".gz") else open(path, "rb") as file:
            yield from (line for line in file if line.strip())


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("uptime", "activity"):
        command = commands.add_parser(name)
        command.add_argument("files", nargs="+", metavar="FILE")
        command.add_argument("--options", required=True, metavar="OPTIONS.json")
    commands.choices["uptime"].add_argument("--service", metavar="NAME")
    command = commands.add_parser("compare")
    command.add_argument("expected", metavar="EXPECTED.json")
    command.add_argument("actual", metavar="ACTUAL.json")
    command.add_argument("--float-free", action="store_true", help="numbers minimally written")
    command.add_argument("--ignore", nargs="*", default=[], metavar="PATH")
    given = parser.parse_args(arguments)

    if given.command == "compare":
        expected, actual = load(given.expected), load(given.actual, given.float_free)
        differences, passed = compare(expected, actual, given.ignore)
        print(*differences, f"{passed} passed, {len(differences)} failed", sep="\n")
        return 1 if differences else 0
    with open(given.options, encoding="utf-8") as file:
        options = json.load(file, parse_float=Decimal)
    lines = lines_of(given.files)
    if given.command == "uptime":
        figures = uptime(lines, options, given.service)
    else:
        figures = activity(lines, options)
    json.dump(figures, sys.stdout, ensure_ascii=False, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
