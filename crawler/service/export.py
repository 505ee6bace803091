"""The schedule as systemd units and as a crontab: texts, made of the schedule and the place alone.

A unit and a line of a crontab run the same command, ``scrapy schedule once NAME``, with the same exit codes.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.collection import Standing
from crawler.schedule.file import Crawl, Schedule
from crawler.service.place import Place, cron_command, unit_line, unit_word, unit_words
from crawler.service.timers import calendar_of, cron_times, is_exact

SCHEDULER = "ostan.service"
FAILURE = "ostan-failure@.service"
NOTICES = "ostan.notices"  # no crawl can have that name
NOTICES_MINUTES = 5
WAIT_SECONDS = 1800  # for a collection that another crawl holds
CRONTAB = "ostan.crontab"
LOGGER = "/usr/bin/logger"
PATH = "/usr/local/bin:/usr/bin:/bin"
HOMES = ("/home", "/root", "/run/user")
LONGEST_LINE = 990  # characters of a command: cron on Debian does not take more than 1,000
BEHIND_AN_ANSWER = 120  # seconds: to finish files and index, when the last answer has come
BOOT_SECONDS = 60  # until the network is there: cron does not know when
_UNITS = Path(__file__).parent / "units"


def systemd_units(schedule: Schedule, place: Place) -> dict[str, str]:
    """File name → text. ValueError: a rule that no timer can say, with the crawl's name."""
    files: dict[str, str] = {}
    for crawl in schedule.crawl:
        files[f"{unit_name(crawl)}.service"] = _crawl_unit(crawl, place)
        files[f"{unit_name(crawl)}.timer"] = _timer(crawl)
    if _tells(schedule):
        deliver = unit_words(place.command("deliver"))
        files[f"{NOTICES}.service"] = _filled("notices.service", COMMAND=deliver, **_of_place(place))
        files[f"{NOTICES}.timer"] = _filled("notices.timer", MINUTES=str(NOTICES_MINUTES))
    timers = " ".join(name for name in files if name.endswith(".timer"))
    longest = max(_stop_seconds(crawl) for crawl in schedule.crawl)
    files[SCHEDULER] = _filled(
        "scheduler.service",
        TIMERS=timers,
        COMMAND=unit_words(place.command("run")),
        STOP_SECONDS=str(longest),
        **_of_place(place),
    )
    files[FAILURE] = _filled("failure@.service", LOGGER=LOGGER)
    return files


def unit_name(crawl: Crawl) -> str:
    return f"ostan-{crawl.name}"


def _when(crawl: Crawl) -> str:
    return unit_line(" ".join(crawl.when.split()))


def once(crawl: Crawl, place: Place, *, if_due: bool) -> list[str]:
    """The command that units and crontab run. It waits for its collection: of two crawls that are due at once
    one would be skipped, the rarer for a day."""
    due = ["--if-due"] if if_due else []
    return place.command("once", crawl.name, *due, "--wait", str(WAIT_SECONDS))


def _tells(schedule: Schedule) -> bool:
    return any(crawl.notify for crawl in schedule.crawl)


def _crawl_unit(crawl: Crawl, place: Place) -> str:
    return _filled(
        "crawl.service",
        NAME=crawl.name,
        WHEN=_when(crawl),
        COMMAND=unit_words(once(crawl, place, if_due=not is_exact(crawl.rule()))),
        STOP_SECONDS=str(_stop_seconds(crawl)),
        **_of_place(place),
    )


def _timer(crawl: Crawl) -> str:
    try:
        events = calendar_of(crawl.rule())
    except ValueError as error:
        raise ValueError(f'crawl "{crawl.name}": {error}') from None
    calendar = "\n".join(f"OnCalendar={event}" for event in events)
    if not is_exact(crawl.rule()):
        calendar = f"# systemd cannot say when; the command looks whether the crawl is due.\n{calendar}"
    return _filled(
        "crawl.timer",
        NAME=crawl.name,
        WHEN=_when(crawl),
        ZONE=crawl.timezone,
        CALENDAR=calendar,
    )


def _of_place(place: Place) -> dict[str, str]:
    """What all units have alike."""
    hardening = _filled(
        "hardening.txt",
        ARCHIVES_TOLD=unit_line(str(place.archives)),
        WRITABLE=unit_word(str(place.archives)),
        PROTECT_HOME="read-only" if place.lies_in(*HOMES) else "yes",
        PRIVATE_TMP="no" if place.lies_in("/tmp", "/var/tmp") else "yes",
    )
    return {
        "USER": place.user,
        "PROJECT": unit_line(str(place.project)),
        "SECRETS": unit_line(str(place.secrets)),
        "MEMORY": f"MemoryMax={place.memory}" if place.memory else "",
        "HARDENING": hardening.strip(),
    }


def _stop_seconds(crawl: Crawl) -> int:
    """How long a crawl that was told to stop may take: one answer, and what comes behind it."""
    return int(float(crawl.settings.get("DOWNLOAD_TIMEOUT", 60))) + BEHIND_AN_ANSWER


def _filled(template: str, **values: str) -> str:
    text = (_UNITS / template).read_text(encoding="utf-8")
    filled = re.sub(r"@([A-Z_]+)@", lambda found: values[found[1]], text)
    return re.sub(r"\n{3,}", "\n\n", filled)


# -- cron ----------------------------------------------------------------------------------------------


def crontab(schedule: Schedule, place: Place, now: datetime) -> str:
    """A crontab of a user's own (without a column for users). ``now``: from when on the distances of
    zones count. ValueError as with ``systemd_units``, and for a line that cron would not take."""
    lines = [
        f"# Times are on the clocks of {place.zone}, as cron on this machine counts. Export again when the",
        "# machine's time zone has changed, or a law has changed the clocks.",
        "SHELL=/bin/sh",
        f"PATH={PATH}",
        f"MAILTO={place.mailto or place.user}",
        f"CRON_TZ={place.zone}",
    ]
    for crawl in schedule.crawl:
        lines += ["", f"# {crawl.name}: {_when(crawl)}, {crawl.timezone}"]
        try:
            times = cron_times(crawl.rule(), ZoneInfo(place.zone), now)
            for at in times:
                lines.append(f"{at.fields} {_line(schedule, crawl, place, if_due=not at.exact)}")
            # What was missed while the machine was off.
            lines.append(f"@reboot sleep {BOOT_SECONDS}; {_line(schedule, crawl, place, if_due=True)}")
        except ValueError as error:
            raise ValueError(f'crawl "{crawl.name}": {error}') from None
    if _tells(schedule):
        lines += ["", "# what could not be told at once"]
        deliver = _in_place(place.command("deliver"), place, secret=_names_secrets(schedule))
        lines.append(f"*/{NOTICES_MINUTES} * * * * {deliver}")
    return "\n".join(lines) + "\n"


def _line(schedule: Schedule, crawl: Crawl, place: Place, *, if_due: bool) -> str:
    """The lock is cron's own: the crawl takes the collection's by itself, and would find that one taken."""
    lock = Standing(place.archives).cron_lock(crawl.name)
    words = ["flock", "-n", "-E", "4", str(lock), *once(crawl, place, if_due=if_due)]
    return _in_place(words, place, secret=_names_secrets(schedule))


def _in_place(words: list[str], place: Place, *, secret: bool) -> str:
    """A command in the project's folder, with the file of secrets in its environment if it needs one."""
    folder, command = cron_command([str(place.project)]), cron_command(words)
    secrets = ""
    if secret:
        file = cron_command([str(place.secrets)])
        secrets = f"[ ! -r {file} ] || {{ set -a; . {file}; set +a; }}; "
    line = f"cd {folder} && {{ {secrets}{command}; }}" if secrets else f"cd {folder} && {command}"
    if len(line) > LONGEST_LINE:
        raise ValueError(
            f"a line of {len(line)} characters, and cron on Debian takes 1,000 at most; shorter paths, "
            "or --systemd"
        )
    return line


def _names_secrets(schedule: Schedule) -> bool:
    """Whichever crawl ends delivers what waits, of the others too."""
    signed = any(crawl.notify and crawl.notify.secret_env for crawl in schedule.crawl)
    return signed or schedule.mail.password_env is not None
