"""``make lexicon``: the list of words that half-spaces are restored by, out of two packages (MIT licence)."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from crawler.normalise.lexicon import LEXICON
from crawler.normalise.text import ZWNJ, canon

REQUIREMENTS = Path("requirements-lexicon.txt")
_PERSIAN = re.compile(f"[آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیأؤئء{ZWNJ}]+")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ostan-lexicon-") as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        subprocess.run([*command, "--dest", folder, "--requirement", str(REQUIREMENTS)], check=True)
        (hazm,) = Path(folder).glob("hazm-*.whl")
        (shekar,) = Path(folder).glob("shekar-*.whl")
        lines = lexicon(zipfile.ZipFile(hazm), zipfile.ZipFile(shekar))
        made_of = "hazm {}, shekar {}".format(*(wheel.name.split("-")[1] for wheel in (hazm, shekar)))
    LEXICON.parent.mkdir(parents=True, exist_ok=True)
    new = LEXICON.with_suffix(".new")
    head = f"#\t{len(lines)}\t{made_of}"
    new.write_text("".join(f"{line}\n" for line in (head, *lines)), encoding="utf-8")
    new.replace(LEXICON)
    print(f"{LEXICON}: {len(lines):,} words and verbs")


def lexicon(hazm: zipfile.ZipFile, shekar: zipfile.ZipFile) -> list[str]:
    """The lines of the file, as crawler/normalise/lexicon.py wants them, sorted."""
    certain = set(_dictionary(hazm)) | set(_compounds(shekar))
    words = dict.fromkeys(certain, 0)
    for word, frequency in _corpus(shekar):
        words[word] = max(frequency, words.get(word, 0))
    verbs = {*_hazm_verbs(hazm), *_shekar_verbs(shekar)}
    return [f"{past}\t{present}\tverb" for past, present in sorted(verbs)] + [
        f"{word}\t{frequency}\t{'certain' if word in certain else 'seen'}"
        for word, frequency in sorted(words.items())
    ]


def _lines(wheel: zipfile.ZipFile, name: str) -> Iterator[str]:
    yield from (canon(line).strip() for line in wheel.read(name).decode("utf-8").splitlines())


def _dictionary(hazm: zipfile.ZipFile) -> Iterator[str]:
    """Words with a word class. The others were gathered from texts, solid spellings and all."""
    for line in _lines(hazm, "hazm/data/words.dat"):
        word, _, word_class = line.split(" ") if line.count(" ") == 2 else ("", "", "")
        if _PERSIAN.fullmatch(word) and (ZWNJ in word or word_class != "0"):
            yield word


def _compounds(shekar: zipfile.ZipFile) -> Iterator[str]:
    for line in _lines(shekar, "shekar/data/files/compound_words.csv"):
        word = line.partition(",")[0]
        if ZWNJ in word and _PERSIAN.fullmatch(word):
            yield word


def _corpus(shekar: zipfile.ZipFile) -> Iterator[tuple[str, int]]:
    for line in _lines(shekar, "shekar/data/files/vocab.csv"):
        word, _, frequency = line.rpartition(",")
        if _PERSIAN.fullmatch(word) and frequency.isdigit():
            yield word, int(frequency)


def _hazm_verbs(hazm: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    for line in _lines(hazm, "hazm/data/verbs.dat"):
        past, _, presents = line.partition("#")
        yield from ((past, present.strip()) for present in presents.split(" یا ") if past and present)


def _shekar_verbs(shekar: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    for line in _lines(shekar, "shekar/data/files/verbs.csv"):
        stems = line.split(",")
        if len(stems) > 1 and all(stems[:2]):
            yield stems[1], stems[0]


if __name__ == "__main__":
    main()
