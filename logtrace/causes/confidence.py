"""How far one believes: the strengths of proofs, and the doubts that lower them, each with its reason.

They are weights of evidence, not measured frequencies. ARCHITECTURE.md shows both tables as they stand here.
"""

from __future__ import annotations

from enum import Enum


class Strength(Enum):
    """How far the lines of a proof alone would convince somebody who doubts it: `share` of 1, and when it is given."""

    OWN_LINE = 0.97, "the part concerned tells it itself, in a line that means nothing else"
    AGREED = 0.95, "two witnesses agree, or it is measured by the executor"
    ADDED_UP = 0.93, "it follows from results and times at hand, added up"
    FOLLOWED = 0.9, "what followed shows it, or one line that could be read otherwise"
    ONE_WITNESS = 0.85, "one of two witnesses tells it, the other is missing or silent"
    NEAR = 0.8, "it stands close by, and what it did is not told"
    HALF_SEEN = 0.75, "the log that would settle it is missing; what is at hand points there"
    FROM_TIMES = 0.7, "only durations tell it, as another node saw them"
    SILENCE = 0.7, "a node stopped answering: dead, hung, stalled or cut off, and it cannot tell any more"
    UNSURE = 0.6, "another reading fits the same lines"
    NEAREST = 0.55, "its own line tells it, and of the causes this is only the nearest"
    FROM_A_GAP = 0.5, "it follows from what is missing in a list"
    REMAINS = 0.4, "nothing proves it, for want of witnesses; it is the headline because nothing else is"

    def __init__(self, share: float, means: str) -> None:
        self.share = share
        self.means = means


class Doubt(Enum):
    """What lowers the confidence of a headline by `factor`, and when."""

    SILENT_NODE_OPEN = 0.85, "a node of the incident is without logs while a fault is neither proven nor ruled out"
    SILENT_NODE = (
        0.95,
        "a node of the incident is without logs (not where its silence is proof, or all there is)",
    )
    NO_PLAN = 0.7, "no plan of any DC is at hand (not for what Corosync, pacemakerd or the lack of a plan tells)"
    PLAN_UNSEEN = 0.85, "the same, but Corosync tells what began it, or the runs name the transition they are of"
    CUT_SHORT = 0.7, "something is still down when the logs end, within a transition (not for what is wrong anyway)"
    NO_BEGINNING = 0.7, "the logs begin with it (not where the cause's own lines prove it, whatever came before)"
    LINES_MISSING = 0.8, "lines of its time are missing in the log of a node of the incident or of its DC"
    UNKNOWN_REASON = 0.65, "it began with the fencing of a node that had not been lost, and no line tells why"
    HEARSAY = 0.7, "only a fail count, a plan or the agent's own error tells of the failure"
    TWO_ALIKE = 0.75, "another share is nearly as large"
    AT_THE_LIMIT = 0.85, "the share is close to the least that counts"

    def __init__(self, factor: float, when: str) -> None:
        self.factor = factor
        self.when = when
