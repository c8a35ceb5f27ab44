#!/usr/bin/env python3
"""Holds Rookery's availability of every service against what a status page printed of itself.

    claims.py CLAIMS.json REPORT.json     REPORT: rookery report uptime --json over the page's facts

Prints each difference above 0.05 points with its reason. The pages are made by Upptime, which sums
up how long announcements (GitHub issues with the service's slug as their label) were open, and not
what its checks found. A difference that no reason here covers is a failure.
"""
import json
import sys
from collections import Counter

# A label of a GitHub issue has at most 50 characters: with a longer slug no issue is ever found.
LABEL_LENGTH = 50
# GitHub gives 100 issues a page, and Upptime reads one page.
ISSUES_READ = 100
# An announcement is opened and closed by the check after: a check or two, on a shared scheduler.
CHECKS_MINUTES = 15
TOLERANCE = 0.05
# Named one by one: "the page knows of more" would explain away whatever we fail to count.
HELD_OPEN = {
    "Solawi Hall BestellWizard", "Tapir Katringer Grünzeug (KGZ)",
    "BestellWizard Katringer Grünzeug", "Tapir Leistenmühle (LEM)",
    "BestellWizard Leistenmühle (LEM)",
}


def reason(claim, service, names):
    """Why the page says something else than its facts; None if nothing here explains it."""
    claimed = float(claim["uptime"].rstrip("%"))
    ours = float(service["availabilityPct"])
    measured = service["measuredSeconds"]
    incidents = service["incidentList"]
    more = (100 - claimed) / 100 * measured - service["seconds"]["down"]
    minutes = abs(more) / 60 / max(1, len(incidents))
    hours = f"{abs(more) / 3600:.1f} h"
    if len(claim["slug"]) > LABEL_LENGTH and claimed == 100:
        return (f"the page finds none of {len(incidents)} outages: its slug has "
                f"{len(claim['slug'])} characters, a label {LABEL_LENGTH} at most")
    if names[claim["name"]] > 1:
        return f"{names[claim['name']]} sites of the page share this name and their announcements"
    if len(incidents) > ISSUES_READ and claimed > ours:
        newest = sum(i["downSeconds"] for i in incidents[-ISSUES_READ:])
        most = 100 * (1 - newest / measured)
        if claimed <= most + TOLERANCE:
            return (f"the page reads the newest {ISSUES_READ} of {len(incidents)} outages, "
                    f"with which it could claim up to {most:.2f}")
    if minutes <= CHECKS_MINUTES:
        return (f"the page counts {hours} {'more' if more > 0 else 'less'} over {len(incidents)} "
                f"outages, {minutes:.1f} min each: announcements open and close a check later")
    if more > 0 and claim["name"] in HELD_OPEN:
        return (f"the page counts {hours} of down time that no fact of its own shows: an "
                f"announcement held open")
    return None


def main():
    claims, report = (json.load(open(path)) for path in sys.argv[1:])
    services = {service["service"]: service for service in report["services"]}
    names = Counter(claim["name"] for claim in claims)
    agree, explained, failed = 0, 0, 0
    for claim in claims:
        service = services.get(claim["name"])
        if service is None or service["availabilityPct"] is None:
            failed += 1
            print(f"FAIL {claim['name']}: claimed {claim['uptime']}, and Rookery has no figure")
            continue
        if abs(float(claim["uptime"].rstrip("%")) - float(service["availabilityPct"])) <= TOLERANCE:
            agree += 1
            continue
        why = reason(claim, service, names)
        explained, failed = explained + bool(why), failed + (not why)
        print(f"{'    ' if why else 'FAIL'} {claim['name']}: claimed {claim['uptime']}, Rookery "
              f"{service['availabilityPct']}: {why or 'unexplained'}")
    print(f"{agree + explained} passed, {failed} failed: {agree} claims agree within {TOLERANCE} "
          f"points, {explained} differ and are explained")


main()
