"""Files that an export writes, and knows again: each says in its first line what its text was."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from crawler.disk import replace_file
from crawler.service.export import CRONTAB, SCHEDULER
from crawler.service.place import Place, shell_words

_MARK = re.compile(r'# Written by "scrapy schedule export", sha256 ([0-9a-f]{64}) of the lines below\.\n')


@dataclass(slots=True)
class Exported:
    """File names. ``left``: written by an earlier export, of crawls that are not in the schedule any more."""

    folder: Path
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def write_export(folder: Path, files: dict[str, str]) -> Exported:
    """ValueError, and nothing is written: a file is not an export's, or was changed by hand since."""
    strange = [name for name in files if (folder / name).exists() and not _is_ours(folder / name)]
    if strange:
        raise ValueError(
            f"{', '.join(strange)} in {folder}: not written by an export, or changed by hand since; nothing "
            "was written. Move them away, or export to another folder; changes to units belong into "
            "`systemctl edit UNIT`, where an export leaves them alone"
        )
    done = Exported(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        marked = _marked(text)
        if (folder / name).exists() and (folder / name).read_text(encoding="utf-8") == marked:
            done.unchanged.append(name)
        else:
            replace_file(folder / name, marked)
            done.written.append(name)
    kinds = {Path(name).suffix for name in files}
    done.left = [
        path.name
        for path in sorted(folder.glob("ostan*"))
        if path.name not in files and path.suffix in kinds and _is_ours(path)
    ]
    return done


def _marked(text: str) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f'# Written by "scrapy schedule export", sha256 {digest} of the lines below.\n{text}'


def _is_ours(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    mark = _MARK.match(text)
    return bool(mark) and _marked(text[mark.end() :] if mark else "") == text


def told(done: Exported, place: Place) -> list[str]:
    """What was written, and what to do next."""
    lines = [f"{done.folder / name}: written" for name in done.written]
    lines += [f"{done.folder / name}: as it was" for name in done.unchanged]
    lines += [f"{done.folder / name}: of a crawl that is not in the schedule any more" for name in done.left]
    names = done.written + done.unchanged
    lines += ["", "next, as root:"]
    if names == [CRONTAB]:
        file = shell_words([str((done.folder / CRONTAB).absolute())])
        lines.append(f"  crontab -u {place.user} {file}    # in place of all that user's crontab had")
        return lines
    timers = [name for name in names if name.endswith(".timer")]
    old = [name for name in done.left if name.endswith(".timer")]
    if old:
        lines.append(f"  systemctl disable --now {' '.join(old)}")
    if done.left:
        files = [str(done.folder.absolute() / name) for name in done.left]
        lines.append(f"  rm {shell_words(files)}")
    folder = shell_words([str(done.folder.absolute())])
    lines.append(f"  install -m 644 {folder}/ostan*.service {folder}/ostan*.timer /etc/systemd/system/")
    lines.append("  systemctl daemon-reload")
    lines.append(f"  systemctl enable --now {' '.join(timers)}")
    lines.append(f"or, in place of the last: systemctl enable --now {SCHEDULER}    # the scheduler itself")
    return lines
