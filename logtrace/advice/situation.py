"""What an adviser looks at: the incident, its headline, and its recovery as a graph that answers what-if."""

from __future__ import annotations

from msgspec import Struct

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Verdict
from logtrace.config.model import ClusterConfig
from logtrace.diagnosis.headline import Headline
from logtrace.whatif.engine import predict
from logtrace.whatif.model import Change, Recovery


class Situation(Struct, frozen=True):
    """`recovery` is None for what never recovered or lost nothing: then no seconds can be told."""

    one: Assessment
    head: Headline
    recovery: Recovery | None

    @property
    def config(self) -> ClusterConfig:
        return self.one.config

    @property
    def nodes(self) -> list[str]:
        """All members of the cluster, by name."""
        return list(self.config.nodes.values())

    def is_headline(self, *labels: str) -> bool:
        return self.head.root_cause in labels

    def true(self, label: str) -> bool:
        """Whether it is the headline or was found true as well."""
        return self.head.root_cause == label or self.proven(label)

    def proven(self, label: str) -> bool:
        """Whether it was found true; a headline may be only what remains."""
        judgement = self.head.judgements.get(label)
        return judgement is not None and judgement.verdict is Verdict.SUPPORTED

    def concerns(self, *labels: str) -> bool:
        """Whether one of them is the headline or contributed to it."""
        return bool({self.head.root_cause, *self.head.contributing}.intersection(labels))

    def saves(self, *changes: Change) -> tuple[float | None, str]:
        """Seconds `changes` would have saved in this incident, and how that was computed; (None, why) when unknown."""
        if self.recovery is None:
            return None, "not computed: nothing that was lost came back in this incident"
        told = predict(self.recovery, changes)
        count = len(self.recovery.activities)
        basis = f"computed from {count} measured operation{'s' if count > 1 else ''}: "
        if told.detection[0] != told.detection[1]:
            known = "" if self.recovery.proven else " (to be expected)"
            basis += f"detection{known} {told.detection[0]:.1f} -> {told.detection[1]:.1f} s, "
        basis += f"outage {told.outage[0]:.1f} -> {told.outage[1]:.1f} s"
        if told.residual >= 1:
            basis += f"; {told.residual:.1f} s of waits that nothing explains are left as they were"
        if told.notes:
            basis += f"; {'; '.join(told.notes)}"
        return round(told.saves, 3), basis

    def all_of_it(self, why: str) -> tuple[float | None, str]:
        """What would not have happened at all saves the whole outage."""
        if self.recovery is None:
            return None, f"{why}; the length of the outage is not known"
        return round(self.recovery.outage, 3), f"the whole outage of {self.recovery.outage:.1f} s: {why}"
