"""How far a section's list is walked: a pure question of what its pages bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

MARGIN = 1  # pages with nothing new that are read past, for lists are not sorted and old items are pinned


@dataclass(slots=True)
class SectionWalk:
    """One walk down a section's list. ``head``: path of its first page. ``may_end_early``: an earlier walk
    came to its end, so that all behind what is known is known. ``may_end_at_once``: the feed brought nothing
    new either, so that a first page without anything new is enough.

    >>> walk = SectionWalk("/fa/qom", may_end_early=True, may_end_at_once=True)
    >>> walk.read({7: True, 6: False}, more=True), walk.is_over
    (False, False)
    >>> walk = walk.next_page()
    >>> walk.read({5: False}, more=True), walk.is_over
    (False, False)
    >>> walk = walk.next_page()
    >>> walk.read({4: False}, more=True), walk.is_over
    (False, True)
    """

    head: str
    may_end_early: bool
    may_end_at_once: bool
    number: int = 1  # of the page that is asked for
    quiet: int = 0  # pages in a row that brought nothing new
    is_over: bool = False
    middle: int = 0  # of the last page's ids: pinned ones are older
    seen: set[int] = field(default_factory=set)  # ids that this walk has listed

    def read(self, ids: Mapping[int, bool], more: bool) -> bool:
        """Note a page: its ids, each with whether it is new to the collection. True where the list goes
        round: there is more of it, and nothing that this walk has not seen."""
        goes_round = more and not ids.keys() - self.seen
        self.seen |= ids.keys()
        self.quiet = 0 if any(ids.values()) else self.quiet + 1
        self.middle = sorted(ids)[len(ids) // 2] if ids else 0
        known_from_here = self.quiet > MARGIN or (self.number == 1 and self.may_end_at_once)
        self.is_over = not more or (self.may_end_early and self.quiet > 0 and known_from_here)
        return goes_round

    def next_page(self) -> SectionWalk:
        return replace(self, number=self.number + 1)
