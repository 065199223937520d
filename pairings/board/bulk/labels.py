"""Why a proposal is left out, in words."""

from core.i18n import lazy as _l
from pairings.board.bulk.rules import Snag

SNAGS = {
    Snag.WAITS: _l("孩子已经有人提出，或不在等待"),
    Snag.AGREED: _l("同意不再齐全"),
    Snag.STANDS: _l("小组已经解散"),
    Snag.FULL: _l("小组里有人没有名额了"),
    Snag.SHARED: _l("小组里有人也在这次的另一条提议里，名额只够一条，留下了更急或更合适的那条"),
}
