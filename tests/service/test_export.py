"""Units and crontab: what systemd accepts, what either runs, what an export leaves alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.collection import Standing
from crawler.schedule.file import Crawl, parse_schedule
from crawler.service.export import crontab, systemd_units
from crawler.service.place import Place, machine_zone
from crawler.service.written import write_export

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ODD = 'it\'s a "100%" $HOME;استان'
SCHEDULE = parse_schedule(
    """
[[crawl]]
name = "daily"
when = "daily 06:00"
[[crawl]]
name = "monthly_1"
when = '''1st of
 jalali month 03:00'''
[[crawl]]
name = "week"
when = "cron 0 6 1 * mon"
settings = { DOWNLOAD_TIMEOUT = 300 }
notify = { webhook = "https://a.example/", secret_env = "OSTAN_KEY" }
""",
    "schedule.toml",
)
PROGRAM = """#!{python}
import os, sys
from pathlib import Path
Path(sys.argv[0]).with_name("said").write_bytes("\\0".join([os.getcwd(), *sys.argv]).encode())
print(os.environ.get("OSTAN_KEY"))
sys.exit(3)
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A project in a folder of an awkward name, with a program that says what it was called with."""
    project = tmp_path / ODD
    program = tmp_path / "a 1% $HOME;استان" / "scrapy"  # quotes are refused there, by systemd
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    (project / "archives").mkdir(parents=True)
    secrets = project / "secrets"
    secrets.write_text("OSTAN_KEY='a b'\n")
    return Place(
        project,
        (str(program),),
        project / "archives",
        project / "schedule.toml",
        settings={"CONTACT": "https://a.example/%7Eme?x=$1&y"},
        secrets=secrets,
        memory="1G",
    )


def plain(**changes: object) -> Place:
    root = Path("/srv/ostan")
    given = {"project": root, "program": ("/bin/true",), "archives": root / "a", "schedule": root / "s.toml"}
    return Place(**(given | changes))  # type: ignore[arg-type]


def values(unit: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)


def words_of(line: str) -> list[str]:
    """ExecStart= as systemd.service(5) reads it: quotes, then %% and, but for the program, $$."""
    words = [quoted or bare for quoted, bare in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line)]
    plain = [re.sub(r"\\(.)", r"\1", word).replace("%%", "%") for word in words]
    assert not any("$" in word.replace("$$", "") for word in plain[1:]), "a variable"
    return [plain[0], *(word.replace("$$", "$") for word in plain[1:])]


# -- systemd -------------------------------------------------------------------------------------------


@needs_systemd
def test_systemd_accepts_the_units_and_finds_them_tight(place: Place, tmp_path: Path) -> None:
    done = write_export(tmp_path / "units", systemd_units(SCHEDULE, place))
    assert len(done.written) == 2 * len(SCHEDULE.crawl) + 4
    files = [str(done.folder / name) for name in done.written]
    verified = subprocess.run([str(ANALYZE), "verify", "--man=no", *files], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    services = [name for name in files if name.endswith(".service") and "@" not in name]
    for name in services:  # 0: nothing is open, 100: all is
        asked = [str(ANALYZE), "security", "--offline=true", "--threshold=20", name]
        judged = subprocess.run(asked, capture_output=True, text=True)
        assert judged.returncode == 0, judged.stdout


@needs_systemd
def test_systemd_would_say_it_if_the_program_were_not_there(place: Place, tmp_path: Path) -> None:
    """That is: what systemd looks for is what we meant, blanks, quotes and percent signs included."""
    done = write_export(tmp_path / "units", systemd_units(SCHEDULE, place))
    Path(place.program[0]).unlink()
    asked = [str(ANALYZE), "verify", "--man=no", str(done.folder / "ostan-daily.service")]
    verified = subprocess.run(asked, capture_output=True, text=True)
    assert f"Command {place.program[0]} is not executable" in verified.stderr


def test_each_crawl_has_a_service_and_a_timer_that_makes_up_for_what_was_missed() -> None:
    units = systemd_units(SCHEDULE, plain())
    for crawl in SCHEDULE.crawl:
        service, timer = units[f"ostan-{crawl.name}.service"], units[f"ostan-{crawl.name}.timer"]
        assert values(timer, "Persistent") == ["true"]
        assert values(timer, "WantedBy") == ["timers.target"]
        assert values(service, "Type") == ["oneshot"]
        assert values(service, "OnFailure") == ["ostan-failure@%n.service"]
        assert values(service, "SuccessExitStatus") == ["3 4"]
        assert values(service, "KillSignal") == ["SIGINT"]
        assert values(service, "KillMode") == ["mixed"], "the crawl gets one signal, not two"
    assert "--if-due" not in units["ostan-daily.service"], "started by hand, it runs"
    assert "--if-due" in units["ostan-monthly_1.service"]
    assert values(units["ostan-week.timer"], "OnCalendar") == [
        "*-*-01 06:00:00 Asia/Tehran",
        "Mon *-*-* 06:00:00 Asia/Tehran",
    ]
    assert values(units["ostan-daily.service"], "TimeoutStopSec") == ["180"]
    assert values(units["ostan-week.service"], "TimeoutStopSec") == ["420"]
    assert values(units["ostan.service"], "Conflicts") == [
        "ostan-daily.timer ostan-monthly_1.timer ostan-week.timer ostan.notices.timer"
    ]
    assert values(units["ostan.service"], "TimeoutStopSec") == ["420"], "of the slowest crawl"


def test_notices_that_wait_are_tried_again_where_somebody_is_told() -> None:
    units, lines = systemd_units(SCHEDULE, plain()), crontab(SCHEDULE, plain(), NOW)
    assert " schedule deliver " in values(units["ostan.notices.service"], "ExecStart")[0]
    assert values(units["ostan.notices.timer"], "OnCalendar") == ["*:0/5"]
    line = next(line for line in lines.splitlines() if line.startswith("*/5 "))
    assert " schedule deliver " in line
    assert "/etc/ostan/secrets" in line, "the key of a signature"
    untold = parse_schedule('[[crawl]]\nname = "a"\nwhen = "hourly"', "schedule.toml")
    assert not any("notices" in name for name in systemd_units(untold, plain()))
    assert "deliver" not in crontab(untold, plain(), NOW)


def test_a_unit_may_write_where_its_crawl_does_and_sees_where_it_lies() -> None:
    units = systemd_units(SCHEDULE, plain())
    assert values(units["ostan-daily.service"], "ReadWritePaths") == ["/srv/ostan/a"]
    odd = systemd_units(SCHEDULE, plain(archives=Path("/srv/ostan/other place")))
    assert values(odd["ostan.service"], "ReadWritePaths") == ['"/srv/ostan/other place"']
    service = units["ostan-daily.service"]
    assert values(service, "ProtectHome") + values(service, "PrivateTmp") == ["yes", "yes"]
    assert "MemoryMax" not in service
    at_home = systemd_units(SCHEDULE, plain(project=Path("/home/a/ostan"), memory="2G"))[
        "ostan-daily.service"
    ]
    assert values(at_home, "ProtectHome") == ["read-only"]
    assert values(at_home, "MemoryMax") == ["2G"]
    at_tmp = systemd_units(SCHEDULE, plain(archives=Path("/var/tmp/a")))["ostan-daily.service"]
    assert values(at_tmp, "PrivateTmp") == ["no"]


# -- cron ----------------------------------------------------------------------------------------------


def run_by_cron(line: str) -> subprocess.CompletedProcess[str]:
    """As cron does: five fields, then all up to the first % without a backslash goes to the shell."""
    command = line.split(" ", 5)[5]
    assert not re.search(r"(?<!\\)%", command)
    shell = ["/bin/sh", "-c", command.replace("\\%", "%")]
    return subprocess.run(shell, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)


def line_of(text: str, crawl: str) -> str:
    return next(line for line in text.splitlines() if f" once {crawl} " in line and line[0] != "@")


@pytest.mark.parametrize("crawl", SCHEDULE.crawl, ids=lambda crawl: crawl.name)
def test_cron_and_systemd_run_the_same_command_with_its_exit_code(place: Place, crawl: Crawl) -> None:
    name = crawl.name
    unit = systemd_units(SCHEDULE, place)[f"ostan-{name}.service"]
    done = run_by_cron(line_of(crontab(SCHEDULE, place, NOW), name))
    folder, *words = (Path(place.program[0]).with_name("said")).read_text().split("\0")
    assert done.returncode == 3, done.stderr
    assert folder == str(place.project) == values(unit, "WorkingDirectory")[0].replace("%%", "%")
    due = ["--if-due"] if name == "monthly_1" else []
    options = [
        f"ARCHIVES={place.archives}",
        f"SCHEDULE={place.schedule}",
        f"CONTACT={place.settings['CONTACT']}",
    ]
    given = [word for option in options for word in ("-s", option)]
    assert words == [*place.program, "schedule", "once", name, *due, "--wait", "1800", *given]
    assert words_of(values(unit, "ExecStart")[0]) == words
    assert done.stdout.strip() == "a b", "whichever crawl ends delivers what waits of others"


def test_a_crawl_that_is_running_is_not_started_again(place: Place) -> None:
    lock = Standing(place.archives).cron_lock("daily")
    line = line_of(crontab(SCHEDULE, place, NOW), "daily")
    with subprocess.Popen(
        ["flock", str(lock), "sh", "-c", "echo; exec sleep 2"], stdout=subprocess.PIPE
    ) as held:
        assert held.stdout
        held.stdout.readline()
        assert run_by_cron(line).returncode == 4
        held.kill()
    subprocess.run(["flock", str(lock), "true"], check=True, timeout=20)  # flock's child has ended
    assert run_by_cron(line).returncode == 3


def test_a_crontab_says_all_that_cron_would_guess() -> None:
    text = crontab(SCHEDULE, plain(mailto="me@a.example", zone="Asia/Tehran"), NOW)
    for line in (
        "SHELL=/bin/sh",
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "MAILTO=me@a.example",
        "CRON_TZ=Asia/Tehran",
    ):
        assert f"\n{line}\n" in text
    assert "\n0 6 * * * cd " in text
    assert "\n0 6 1 * mon cd " in text
    reboots = [line for line in text.splitlines() if line.startswith("@reboot")]
    assert len(reboots) == len(SCHEDULE.crawl)
    assert all(" --if-due " in line for line in reboots), "what was missed, and no more"
    assert max(map(len, text.splitlines())) < 1000


# -- refused at the start ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"archives": Path("archives")}, "a whole path is needed"),
        ({"archives": Path("/srv/a\nExecStart=x")}, "control characters"),
        ({"project": Path("/srv/a\\b")}, "backslashes"),
        ({"schedule": Path("/srv/a ")}, "blanks at an end"),
        ({"settings": {"CONTACT": "a\nb"}}, "control characters"),
        ({"program": ("/srv/it's/scrapy",)}, "with quotes in its path"),
        ({"user": "os tan"}, "a name such as ostan"),
        ({"memory": "much"}, "a size such as 1G"),
        ({"mailto": "a b"}, "a user or a mail address"),
    ],
    ids=str,
)
def test_what_would_be_read_otherwise_is_refused(changes: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        plain(**changes)


def test_a_line_that_cron_would_cut_is_refused() -> None:
    long = plain(archives=Path("/srv") / ("a" * 200) / ("b" * 200) / ("c" * 200))
    with pytest.raises(ValueError, match=r'crawl "daily": a line of 1,?[0-9]+ characters'):
        crontab(SCHEDULE, long, NOW)


def test_a_rule_that_cannot_be_said_is_refused_with_its_crawl() -> None:
    odd = parse_schedule('[[crawl]]\nname = "odd"\nwhen = "every 7 minutes"\n', "x")
    for export in (lambda: systemd_units(odd, plain()), lambda: crontab(odd, plain(), NOW)):
        with pytest.raises(
            ValueError, match=r'crawl "odd": every 7 minutes .* write every 6 or every 8 minutes'
        ):
            export()


def test_the_machines_time_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Asia/Tehran")
    assert machine_zone(tmp_path / "localtime") == "Asia/Tehran"
    assert machine_zone(tmp_path / "nothing") == "UTC"
    monkeypatch.setenv("TZ", ":Europe/Berlin")
    assert machine_zone(tmp_path / "localtime") == "Europe/Berlin"
    monkeypatch.setenv("TZ", "Nowhere/At_all")
    with pytest.raises(ValueError, match="set TZ"):
        machine_zone()
