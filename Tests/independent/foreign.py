#!/usr/bin/env python3
"""Writes real histories the way other tools keep them: what was measured is real, its keeper is not.

    foreign.py PROBES.ndjson.gz ACCESS.ndjson.gz FOLDER

FOLDER then has probes.csv (local times of Berlin, without a zone), kuma.db, gatus.db, upptime/ (a git
repository) and access.log.
"""
import csv
import gzip
import json
import re
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo


def lines(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def instant(fact):
    return datetime.fromisoformat(fact["timestamp"].replace("Z", "+00:00"))


def write_csv(probes, path):
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";", quoting=csv.QUOTE_MINIMAL)
        rows.writerow(["At", "Site", "State", "Took", "Code"])
        for fact in probes:
            local = instant(fact).astimezone(ZoneInfo("Europe/Berlin"))
            rows.writerow([local.strftime("%d.%m.%Y %H:%M:%S"), fact["serviceName"],
                           fact["status"], fact["responseMs"], fact["httpCode"]])


def write_kuma(probes, path):
    db = sqlite3.connect(path)
    db.executescript("""
        CREATE TABLE monitor (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(150));
        CREATE TABLE heartbeat (id INTEGER PRIMARY KEY AUTOINCREMENT, important BOOLEAN,
          monitor_id INTEGER NOT NULL, status SMALLINT NOT NULL, msg TEXT, time DATETIME NOT NULL,
          ping INTEGER, duration INTEGER, down_count INTEGER DEFAULT 0);""")
    names = {}
    for fact in probes:
        name = fact["serviceName"]
        if name not in names:
            names[name] = db.execute("INSERT INTO monitor (name) VALUES (?)", [name]).lastrowid
        db.execute(
            "INSERT INTO heartbeat (monitor_id, status, msg, time, ping) VALUES (?, ?, ?, ?, ?)",
            [names[name], 1 if fact["status"] == "up" else 0, str(fact["httpCode"]),
             instant(fact).strftime("%Y-%m-%d %H:%M:%S.000"), fact["responseMs"]])
    db.commit()


def write_gatus(probes, path):
    db = sqlite3.connect(path)
    db.executescript("""
        CREATE TABLE endpoints (endpoint_id INTEGER PRIMARY KEY, endpoint_key TEXT UNIQUE,
          endpoint_name TEXT NOT NULL, endpoint_group TEXT NOT NULL);
        CREATE TABLE endpoint_events (endpoint_event_id INTEGER PRIMARY KEY, endpoint_id INTEGER,
          event_type TEXT, event_timestamp TIMESTAMP);
        CREATE TABLE endpoint_results (endpoint_result_id INTEGER PRIMARY KEY, endpoint_id INTEGER,
          success INTEGER, errors TEXT, status INTEGER, duration INTEGER, timestamp TIMESTAMP);
        CREATE TABLE endpoint_result_conditions (
          endpoint_result_condition_id INTEGER PRIMARY KEY, endpoint_result_id INTEGER,
          condition TEXT, success INTEGER);
        CREATE INDEX conditions ON endpoint_result_conditions (endpoint_result_id);""")
    names = {}
    for fact in probes:
        name, up = fact["serviceName"], fact["status"] == "up"
        if name not in names:
            names[name] = db.execute("INSERT INTO endpoints VALUES (NULL, ?, ?, '')",
                                     ["_" + name, name]).lastrowid
        result = db.execute(
            "INSERT INTO endpoint_results VALUES (NULL, ?, ?, '', ?, ?, ?)",
            [names[name], up, fact["httpCode"], fact["responseMs"] * 1_000_000,
             instant(fact).strftime("%Y-%m-%d %H:%M:%S +0000 UTC")]).lastrowid
        db.execute("INSERT INTO endpoint_result_conditions VALUES (NULL, ?, '[STATUS] == 200', ?)",
                   [result, up])
    db.commit()


def write_upptime(probes, path):
    subprocess.run(["git", "init", "-q", "-b", "master", path], check=True)
    git = subprocess.Popen(["git", "-C", path, "fast-import", "--quiet"], stdin=subprocess.PIPE)

    def data(text):
        text = text.encode()
        git.stdin.write(b"data %d\n%s\n" % (len(text), text))

    for number, fact in enumerate(probes):
        name, up = fact["serviceName"], fact["status"] == "up"
        slug = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
        when = b"UptimeBot <u@example.org> %d +0000\n" % instant(fact).timestamp()
        git.stdin.write(b"commit refs/heads/master\nauthor " + when + b"committer " + when)
        data(f"{'🟩' if up else '🟥'} {name} is {fact['status']} ({fact['httpCode']} in "
             f"{fact['responseMs']} ms) [skip ci] [upptime]")
        git.stdin.write(b"M 100644 inline history/%s.yml\n" % slug.encode())
        # Checks have milliseconds; these tell apart the ones of one second, as the checks were.
        data(f"url: https://example.org\nstatus: {fact['status']}\ncode: {fact['httpCode']}\n"
             f"responseTime: {fact['responseMs']}\nlastUpdated: {fact['timestamp']}\n"
             f"startTime: 2020-01-01T00:00:00.000Z\ngenerator: Upptime # {number}\n")
    git.stdin.close()
    if git.wait() != 0:
        sys.exit("foreign.py: git fast-import failed")


def write_access_log(actions, path):
    with open(path, "w", encoding="utf-8") as file:
        for action in actions:
            time = instant(action).strftime("%d/%b/%Y:%H:%M:%S +0000")
            target = action["path"].replace(" ", "%20").replace('"', "%22")
            size = action["bytes"] if action["bytes"] else "-"
            file.write(f'192.0.2.1 - {action["user"]} [{time}] "{action["action"]} {target} '
                       f'HTTP/1.1" {action["status"]} {size}\n')


def main():
    probes, actions, folder = lines(sys.argv[1]), lines(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir()
    write_csv(probes, folder / "probes.csv")
    write_kuma(probes, folder / "kuma.db")
    write_gatus(probes, folder / "gatus.db")
    write_upptime(probes, folder / "upptime")
    write_access_log(actions, folder / "access.log")


main()
