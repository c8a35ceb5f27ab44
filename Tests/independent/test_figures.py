"""The worked cases, and hand-made ones for the sentences of the definitions they leave out."""

import contextlib
import gzip
import io
import json
import tempfile
import unittest
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import figures

CASES = Path(__file__).parent.parent / "AnalyticsTests" / "uptime-cases.json"
DAY = {"start": "2025-01-10T00:00:00Z", "end": "2025-01-11T00:00:00Z"}
UP_BEFORE = "09T12:00 up"
MINUTE, HOUR = 60, 3600


def line(record):
    return (record if isinstance(record, str) else json.dumps(record)).encode()


def fact(text, **more):
    """`10T06:00 down` as a line of January 2025."""
    moment, status = text.split(" ", 1)
    moment = f"2025-01-{moment}:00Z"
    return line({"serviceName": "api", "status": status, "timestamp": moment, **more})


def day(*facts, **options):
    """The entry of 10 January 2025 after an up fact of the day before."""
    lines = [each if isinstance(each, bytes) else fact(each) for each in (UP_BEFORE, *facts)]
    return figures.uptime(lines, {**DAY, **options})["services"][0]


def window(start, end, **more):
    return {"start": f"2025-01-{start}:00Z", "end": f"2025-01-{end}:00Z", **more}


class FiguresTest(unittest.TestCase):
    def check(self, actual, **expected):
        differing = [p for p in figures.pairs(expected, actual) if p[1] != p[2]]
        self.assertEqual(differing, [])

    def incidents(self, actual, touching=0, started=0, recovered=0, open=0, censored=0):
        self.assertEqual(actual["incidents"], {
            "touching": touching, "started": started, "recovered": recovered, "open": open,
            "censored": censored,
        })


class WorkedCases(FiguresTest):
    def test_every_case_passes_exactly(self):
        cases = json.loads(CASES.read_text())["cases"]
        self.assertEqual(len(cases), 36)
        for case in cases:
            with self.subTest(case["id"], title=case["title"]):
                report = figures.uptime(map(line, case["events"]), case["options"])
                self.check((report["groups"] or report["services"])[0], **case["expect"])


class Facts(FiguresTest):
    def test_a_leap_second_is_the_next_second(self):
        leap, following = "2016-12-31T23:59:60.500Z", "2017-01-01T00:00:00.500Z"
        self.assertEqual(figures.instant(leap), figures.instant(following))

    def test_digits_beyond_milliseconds_are_cut(self):
        self.assertEqual(figures.instant("1970-01-01T00:00:01.2349Z"), 1234)
        self.assertEqual(figures.instant("1969-12-31T23:59:59.9Z"), -100)

    def test_what_is_no_timestamp_is_refused(self):
        for text in ("2025-01-10T03:00:00", "2025-02-29T00:00:00Z", "2025-01-10T24:00:00Z",
                     "2025-01-10T00:00:61Z", "2025-01-10 00:00:00Z", "2025-01-10T00:00Z",
                     "2025-01-10T00:00:00+0100", "2025-01-10T00:00:00.Z", "", 5, None):
            with self.subTest(text), self.assertRaises(ValueError):
                figures.instant(text)

    def test_the_last_to_arrive_holds_at_one_instant(self):
        self.check(day("10T06:00 down", "10T06:00 up"), seconds={"down": 0})
        late = day("10T06:00 up", "10T12:00 up", "10T06:00 down")
        self.check(late, seconds={"down": 6 * HOUR}, warnings={"outOfOrder": 1})

    def test_any_order_of_arrival_gives_the_same_figures(self):
        facts = ["10T06:00 down", "10T06:10 up", "10T07:00 degraded", "10T08:00 up"]
        straight, reversed_ = day(*facts), day(*facts[::-1])
        self.assertEqual(straight.pop("warnings")["outOfOrder"], 0)
        self.assertEqual(reversed_.pop("warnings")["outOfOrder"], 3)
        self.assertEqual(straight, reversed_)

    def test_the_first_content_of_an_event_id_holds(self):
        entry = day(fact("10T06:00 down", eventId="a"), fact("10T06:10 up", eventId="b"),
                    fact("10T06:00 up", eventId="a"), fact("10T06:30 up", eventId="b"))
        self.check(entry, seconds={"down": 600}, warnings={"conflicts": 2, "duplicates": 0})

    def test_a_repeat_is_told_by_its_instant_not_its_spelling(self):
        again = {"serviceName": "api", "status": "DOWN", "timestamp": "2025-01-10T07:00:00+01:00",
                 "eventId": "a"}
        entry = day(fact("10T06:00 down", eventId="a"), line(again))
        self.check(entry, warnings={"duplicates": 1, "conflicts": 0, "outOfOrder": 0})

    def test_a_clock_ahead_by_no_more_than_the_skew_is_believed(self):
        believed = fact("10T06:00 down", recordedAt="2025-01-10T05:55:00Z")
        clamped = fact("10T06:00 down", recordedAt="2025-01-10T05:54:59Z")
        self.check(day(believed), seconds={"down": 18 * HOUR}, warnings={"clampedSkew": 0})
        self.check(day(clamped), seconds={"down": 18 * HOUR + 301}, warnings={"clampedSkew": 1})
        self.check(day(clamped, skewSeconds=301), warnings={"clampedSkew": 0})

    def test_facts_at_as_of_are_not_known_yet(self):
        entry = day("10T06:00 down", "10T07:00 up", asOf="2025-01-10T07:00:00Z")
        self.check(entry, seconds={"down": HOUR}, warnings={"future": 1})
        self.incidents(entry, touching=1, started=1, open=1)

    def test_a_late_correction_restates_the_day(self):
        facts = ["10T06:00 down", "10T08:00 up", "10T06:10 up"]
        self.check(day(*facts, throughPosition=2), mttrSeconds=2 * HOUR)
        self.check(day(*facts), mttrSeconds=600, warnings={"outOfOrder": 1})

    def test_words_ignore_case_dash_underscore_and_space_only(self):
        for word, state in (("Under-Maintenance", "maintenance"), ("NO DATA", "unknown"),
                            ("degraded - performance", "degraded"), ("major_outage", "down"),
                            ("Passing", "up")):
            with self.subTest(word):
                self.check(day(f"10T00:00 {word}"), seconds={state: 86400},
                           warnings={"unknownStatus": 0})
        self.check(day("10T00:00 major/outage"), seconds={"unknown": 86400},
                   warnings={"unknownStatus": 1})

    def test_a_broken_line_counts_for_the_service_it_names_or_for_all(self):
        other = {"serviceName": "web", "status": "up", "timestamp": "2025-01-10T00:00:00Z"}
        broken = ['{"serviceName":', {"serviceName": "web"}]
        lines = [fact(UP_BEFORE), line(other), *map(line, broken)]
        services = figures.uptime(lines, DAY)["services"]
        self.assertEqual([e["warnings"]["rejected"] for e in services], [1, 2])


class Timelines(FiguresTest):
    def test_staleness_begins_when_the_evidence_ends_and_not_before(self):
        stale = {"staleAfterSeconds": HOUR}
        self.check(day("10T00:00 up", "10T01:00 up", **stale), seconds={"up": 2 * HOUR})
        self.check(day("10T00:00 up", "10T01:01 up", **stale), seconds={"up": 2 * HOUR})
        self.check(day("10T00:00 maintenance", **stale), seconds={"maintenance": HOUR})

    def test_carried_in_evidence_goes_stale_inside_the_period(self):
        entry = day("09T23:30 down", staleAfterSeconds=HOUR)
        self.check(entry, seconds={"down": HOUR / 2, "unknown": 23.5 * HOUR})

    def test_overlapping_windows_count_once(self):
        windows = [window("10T01:00", "10T03:00"), window("10T02:00", "10T04:00", service="api"),
                   window("10T00:00", "10T12:00", service="web")]
        entry = day("10T02:30 down", "10T05:00 up", maintenance=windows)
        self.check(entry, seconds={"maintenance": 3 * HOUR, "down": HOUR}, mttrSeconds=HOUR,
                   maskedDownSeconds=1.5 * HOUR)

    def test_what_goes_stale_under_maintenance_is_not_masked_downtime(self):
        entry = day("10T01:00 down", staleAfterSeconds=HOUR,
                    maintenance=[window("10T00:00", "10T12:00")])
        self.check(entry, maskedDownSeconds=HOUR, seconds={"maintenance": 12 * HOUR})

    def test_a_day_starts_at_its_first_instant(self):
        for zone, text, start, length in (
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", 23),  # no midnight
            ("America/Havana", "2025-11-02", "2025-11-02T04:00:00Z", 25),  # two midnights
            ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z", 25),  # back past midnight
            ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z", 23.5),  # 23:30 to 00:30
        ):
            with self.subTest(zone):
                local, tz = date.fromisoformat(text), ZoneInfo(zone)
                begin = figures.day_start(local, tz)
                self.assertEqual(figures.written(begin), start)
                (bar,) = figures.local_days(begin, begin + 1, tz)
                self.assertEqual((bar[2] - bar[1]) / 3_600_000, length)

    def test_a_date_that_a_zone_skipped_has_no_bar(self):
        entry = day(**{"from": "2011-12-29", "to": "2012-01-01", "timezone": "Pacific/Apia"})
        self.assertEqual([bar["date"] for bar in entry["days"]], ["2011-12-29", "2011-12-31"])

    def test_bars_of_days_to_come_are_empty(self):
        entry = day(end="2025-01-13T00:00:00Z", asOf="2025-01-11T06:00:00Z")
        self.assertEqual([b["seconds"]["up"] for b in entry["days"]], [86400, 6 * HOUR, 0])
        self.assertEqual([b["availabilityPct"] for b in entry["days"]], ["100.000"] * 2 + [None])

    def test_before_as_of_nothing_has_elapsed(self):
        entry = day(asOf="2025-01-09T18:00:00Z")
        self.check(entry, elapsedSeconds=0, availabilityPct=None, coveragePct=None)


class Groups(FiguresTest):
    def group(self, rule, states, **options):
        lines = [line({"serviceName": name, "status": state, "timestamp": DAY["start"]})
                 for name, state in zip("abc", states)]
        group = {"name": "site", "members": ["a", "b", "c"], "rule": rule}
        return figures.uptime(lines, {**DAY, "group": group, **options})["groups"][0]

    def test_precedence_of_member_states(self):
        for rule, states, expected in (
            ("worst", ("down", "unknown", "up"), "down"),
            ("worst", ("degraded", "unknown", "up"), "unknown"),
            ("worst", ("degraded", "maintenance", "up"), "degraded"),
            ("worst", ("maintenance", "up", "up"), "up"),
            ("worst", ("up", "up"), "unknown"),  # no fact of c
            ("best", ("down", "unknown", "up"), "up"),
            ("best", ("degraded", "unknown", "down"), "unknown"),
            ("best", ("degraded", "down", "down"), "degraded"),
            ("best", ("down", "maintenance", "down"), "down"),
            ("best", ("maintenance",) * 3, "maintenance"),
        ):
            with self.subTest(rule, states=states):
                self.check(self.group(rule, states), seconds={expected: 86400})

    def test_a_window_over_a_member_leaves_it_out(self):
        windows = [window("10T00:00", "10T06:00", service="a")]
        entry = self.group("worst", ("down", "up", "up"), maintenance=windows)
        self.check(entry, seconds={"up": 6 * HOUR, "down": 18 * HOUR}, maskedDownSeconds=0)

    def test_a_window_over_all_masks_the_group(self):
        windows = [window("10T00:00", "10T06:00")]
        entry = self.group("worst", ("down", "up", "up"), maintenance=windows)
        self.check(entry, seconds={"maintenance": 6 * HOUR}, maskedDownSeconds=6 * HOUR)


class Incidents(FiguresTest):
    def test_one_carried_in_counts_whole_where_it_ends(self):
        entry = day("09T23:30 down", "10T00:30 up")
        self.incidents(entry, touching=1, recovered=1)
        self.check(entry, mttrSeconds=HOUR, longestDownSeconds=HOUR / 2, mtbfSeconds=None)

    def test_a_recovery_exactly_at_the_start_belongs_to_this_period(self):
        entry = day("09T23:00 down", "10T00:00 up")
        self.incidents(entry, touching=1, recovered=1)
        self.check(entry, seconds={"down": 0}, mttrSeconds=HOUR, longestDownSeconds=None)

    def test_one_over_before_or_begun_at_the_end_does_not_touch(self):
        entry = day("09T22:00 down", "09T23:00 up", "11T00:00 down", asOf="2025-01-12T00:00:00Z")
        self.incidents(entry)

    def test_good_time_as_long_as_the_merge_gap_does_not_end_one(self):
        facts = ["10T06:00 down", "10T06:10 up", "10T06:15 down", "10T06:20 up"]
        merged, split = (day(*facts, mergeGapSeconds=gap) for gap in (300, 299))
        self.incidents(merged, touching=1, started=1, recovered=1)
        self.check(merged, mttrSeconds=900, longestDownSeconds=900, seconds={"down": 900})
        self.incidents(split, touching=2, started=2, recovered=2)
        self.check(split, mttrSeconds=450, longestDownSeconds=600)

    def test_good_time_between_two_downs_adds_up_across_maintenance(self):
        facts = ["10T06:00 down", "10T06:10 up", "10T06:14 maintenance", "10T06:20 degraded",
                 "10T06:24 down", "10T06:30 up"]
        self.check(day(*facts, mergeGapSeconds=479), incidents={"started": 2})
        self.check(day(*facts, mergeGapSeconds=480), incidents={"started": 1, "censored": 0})

    def test_maintenance_between_two_downs_does_not_split(self):
        entry = day("10T06:00 down", "10T06:10 maintenance", "10T07:00 down", "10T07:05 up")
        self.incidents(entry, touching=1, started=1, recovered=1)
        self.check(entry, mttrSeconds=900)

    def test_a_window_hiding_the_recovery_still_sees_it_end(self):
        entry = day("10T06:00 down", "10T06:30 up", maintenance=[window("10T06:10", "10T07:00")])
        self.incidents(entry, touching=1, started=1, recovered=1)
        self.check(entry, mttrSeconds=600, maskedDownSeconds=1200)

    def test_one_ending_in_unknown_is_neither_recovered_nor_open(self):
        entry = day("10T06:00 down", "10T06:10 unknown", "10T07:00 up")
        self.incidents(entry, touching=1, started=1, censored=1)
        self.check(entry, mttrSeconds=None, mtbfSeconds=23 * HOUR)

    def test_one_beginning_out_of_unknown_is_recovered_and_censored(self):
        entry = day("10T05:00 unknown", "10T06:00 down", "10T06:10 up")
        self.incidents(entry, touching=1, started=1, recovered=1, censored=1)
        self.check(entry, mttrSeconds=None)

    def test_without_good_time_after_it_one_is_not_over(self):
        self.incidents(day("10T06:00 down", "10T07:00 unknown"),
                       touching=1, started=1, open=1, censored=1)
        self.incidents(day("10T06:00 down", staleAfterSeconds=HOUR),
                       touching=1, started=1, open=1, censored=1)
        self.incidents(day("10T06:00 down", "10T07:00 maintenance"), touching=1, started=1, open=1)
        self.incidents(day("10T23:50 down", "10T23:58 up", mergeGapSeconds=300),
                       touching=1, started=1, open=1)

    def test_what_is_known_after_the_period_decides_whether_one_was_over(self):
        later = {"asOf": "2025-01-12T00:00:00Z", "mergeGapSeconds": 300}
        self.incidents(day("10T23:50 down", "10T23:58 up", **later),
                       touching=1, started=1, recovered=1)
        self.incidents(day("10T23:50 down", "10T23:58 up", "11T00:01 down", "11T00:02 up", **later),
                       touching=1, started=1, open=1)

    def test_the_size_of_one_is_its_whole_merged_downtime(self):
        facts = ["10T06:00 down", "10T06:01 up", "10T06:02 down", "10T06:03 up"]
        small = {"minIncidentSeconds": 2 * MINUTE}
        self.incidents(day(*facts, **small))
        self.incidents(day(*facts, mergeGapSeconds=MINUTE, **small),
                       touching=1, started=1, recovered=1)
        self.incidents(day("09T23:59 down", "10T00:01 up", **small), touching=1, recovered=1)

    def test_no_time_good_enough_makes_the_mean_time_between_zero(self):
        self.check(day("10T00:00 down"), mtbfSeconds=0, longestDownSeconds=86400)

    def test_a_mean_is_cut_to_milliseconds(self):
        entry = day("10T01:00 down", "10T01:01 up", "10T02:00 down", "10T02:01 up",
                    "10T03:00 down", "10T03:02 up", "10T04:00 down", "10T04:01 up",
                    "10T05:00 down", "10T05:01 up", "10T06:00 down", "10T06:01 up")
        self.check(entry, mttrSeconds=70)
        entry = day("10T01:00 down", "10T01:01 up", "10T02:00 down", "10T02:01 up",
                    "10T03:00 down", fact("10T03:00 up", timestamp="2025-01-10T03:00:20Z"))
        self.check(entry, mttrSeconds=46.666)


class Shares(FiguresTest):
    def test_weights_are_exact(self):
        whole = day("10T00:00 degraded", degradedWeight="0.3", decimals=20)
        self.check(whole, availabilityPct="70." + "0" * 20, strictPct="0." + "0" * 20)
        self.check(day("10T00:00 degraded", degradedWeight=1), availabilityPct="0.000",
                   lenientPct="100.000", incidents={"touching": 0})
        with self.assertRaises(ValueError):
            day(degradedWeight="1.1")

    def test_bounds_weigh_degraded_and_leave_maintenance_out(self):
        entry = day("10T00:00 degraded", "10T06:00 unknown", "10T12:00 maintenance", "10T18:00 up",
                    degradedWeight="0.5")
        self.check(entry, lowerBoundPct="50.000", upperBoundPct="83.333", coveragePct="75.000",
                   availabilityPct="75.000")

    def test_decimals_cut(self):
        self.check(day("10T06:00 down", "10T06:10 up", decimals=0), availabilityPct="99")
        self.check(day("10T06:00 down", "10T06:10 up", decimals=5), availabilityPct="99.30555")

    def test_the_budget_weighs_degraded_and_is_of_measured_time(self):
        entry = day("10T00:00 degraded", "10T01:00 unknown", "10T14:00 up", degradedWeight="0.5",
                    sloTarget="99")
        self.check(entry, errorBudget={"budgetSeconds": 396, "consumedSeconds": 1800,
                                       "remainingSeconds": -1404, "consumedPct": "454.545"})

    def test_a_target_of_everything_leaves_no_share_to_consume(self):
        self.check(day("10T06:00 down", sloTarget="100"),
                   errorBudget={"budgetSeconds": 0, "consumedPct": None})
        self.check(day(), errorBudget=None)

    def test_latency_leaves_out_what_was_not_good_or_not_in_the_period(self):
        samples = [fact("09T23:59 up", responseMs=1), fact("10T00:00 up", responseMs=2),
                   fact("10T01:00 maintenance", responseMs=3),
                   fact("10T02:00 degraded", responseMs=4.5),
                   fact("10T03:00 up", responseMs=5), fact("10T03:00 down", responseMs=6),
                   fact("10T04:00 up", responseMs=7), fact("11T00:00 up", responseMs=8)]
        entry = day(*samples, maintenance=[window("10T04:00", "10T05:00")],
                    asOf="2025-01-12T00:00:00Z")
        self.check(entry, latencyMs={"count": 2, "p50": 2, "p95": 4.5, "p99": 4.5, "max": 4.5})
        self.check(day(), latencyMs=None)


class Activity(FiguresTest):
    def actions(self, *texts, **options):
        def action(text):
            actor, moment = text.split()
            return line({"user": actor, "timestamp": f"2025-{moment}:00Z"})

        return figures.activity(map(action, texts), options)

    def test_new_returning_resurrected_and_dormant(self):
        report = self.actions("a 01-01T10:00", "b 01-01T10:00", "a 01-02T10:00", "b 01-03T10:00",
                              "c 01-03T10:00", "c 01-03T11:00")
        rows = [[row[k] for k in ("dau", "new", "returning", "resurrected", "dormant", "actions")]
                for row in report["days"]]
        self.assertEqual(rows, [[2, 2, 0, 0, 0, 2], [1, 0, 1, 0, 1, 1], [2, 1, 0, 1, 1, 3]])

    def test_weeks_and_months_are_the_7_and_28_days_ending_with_the_day(self):
        report = self.actions("a 01-01T10:00", "b 01-29T10:00", "b 01-28T10:00", "b 01-07T10:00",
                              "c 01-08T10:00")
        by_date = {row["date"]: (row["dau"], row["wau"], row["mau"]) for row in report["days"]}
        self.assertEqual(len(by_date), 29)
        self.assertEqual(by_date["2025-01-07"], (1, 2, 2))
        self.assertEqual(by_date["2025-01-08"], (1, 2, 3))
        self.assertEqual(by_date["2025-01-28"], (1, 1, 3))
        self.assertEqual(by_date["2025-01-29"], (1, 1, 2))

    def test_the_day_is_local_and_history_reaches_before_the_period(self):
        report = self.actions("a 01-01T10:00", "b 01-02T04:59", "a 01-02T05:00", "a 01-03T05:00",
                              **{"from": "2025-01-02", "to": "2025-01-03"},
                              timezone="America/New_York")
        self.check(report, actions=1, actors=1, days=[
            {"date": "2025-01-02", "dau": 1, "wau": 2, "new": 0, "returning": 1, "dormant": 1},
        ])

    def test_recorded_time_stands_in_for_none_and_through_position_cuts(self):
        lines = [line({"user": "a", "recordedAt": "2025-01-01T10:00:00Z"}),
                 line({"user": "b", "timestamp": "2025-01-01T11:00:00Z"})]
        self.assertEqual(figures.activity(lines, {"throughPosition": 0})["actors"], 1)
        self.assertEqual(figures.activity(lines, {})["actors"], 2)

    def test_a_gap_of_thirty_minutes_is_still_one_session(self):
        report = self.actions("a 01-01T10:00", "a 01-01T10:30", "b 01-01T10:15", "a 01-01T11:01")
        self.assertEqual(report["sessions"], {"count": 3, "lengthP50Seconds": 0, "lengthP95Seconds": 1800})

    def test_nothing_done_is_nothing(self):
        sessions = {"count": 0, "lengthP50Seconds": None, "lengthP95Seconds": None}
        self.check(self.actions(), days=[], actors=0, actions=0, sessions=sessions)


class CommandLine(FiguresTest):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def write(self, name, content):
        path = self.directory / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return str(path)

    def run_main(self, *arguments):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = figures.main(arguments)
        return code, out.getvalue()

    def test_several_files_packed_or_not_are_one_arrival(self):
        packed = gzip.compress(fact(UP_BEFORE) + b"\n" + fact("10T06:00 down") + b"\n\n")
        files = [self.write("a.ndjson.gz", packed), self.write("b.ndjson", fact("10T06:10 up"))]
        options = self.write("o.json", DAY)
        code, out = self.run_main("uptime", *files, "--options", options, "--service", "api")
        self.assertEqual(code, 0)
        self.check(json.loads(out)["services"][0], availabilityPct="99.305")

    def compare(self, expected, actual, *more):
        paths = self.write("e.json", expected), self.write("a.json", actual)
        code, out = self.run_main("compare", *paths, *more)
        return code, out.splitlines()

    def test_compare_names_each_difference(self):
        expected = {"services": [day(), {"service": "web"}], "groups": []}
        actual = json.loads(json.dumps(expected))
        self.assertEqual(self.compare(expected, actual)[0], 0)
        actual["services"][0]["days"][0]["seconds"]["up"] = 5
        del actual["services"][0]["strictPct"], actual["services"][1]
        code, out = self.compare(expected, actual)
        self.assertEqual(code, 1)
        self.assertEqual(out[0], 'api: strictPct: expected "100.000" got "nothing"')
        self.assertEqual(out[1], "api: days[2025-01-10].seconds.up: expected 86400 got 5")
        self.assertEqual(out[2], "web: not in the actual report")
        self.assertRegex(out[3], r"^\d+ passed, 3 failed$")

    def test_compare_can_ignore_and_can_demand_minimal_numbers(self):
        expected = {"services": [day()]}
        text = json.dumps(expected)
        actual = text.replace('"up": 86400', '"up": 86400.0').encode()
        self.assertEqual(self.compare(expected, actual)[0], 0)
        self.assertEqual(self.compare(expected, actual, "--float-free")[0], 1)
        ignoring = ("--float-free", "--ignore", "seconds", "days.seconds.up")
        self.assertEqual(self.compare(expected, actual, *ignoring)[0], 0)

    def test_compare_activity(self):
        expected = {"days": [{"date": "2025-01-01", "dau": 1}], "actors": 1}
        actual = {"days": [{"date": "2025-01-01", "dau": 2}], "actors": 1}
        code, out = self.compare(expected, actual)
        self.assertEqual((code, out[-1]), (1, "2 passed, 1 failed"))


if __name__ == "__main__":
    unittest.main()
