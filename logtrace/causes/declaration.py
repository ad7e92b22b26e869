"""A cause is one declaration: its label, its place among the causes, its judge, and what it means to people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum

from msgspec import Struct

from logtrace.assessment.assessment import Assessment
from logtrace.causes.judgement import Judgement
from logtrace.chains.triggers import Trigger
from logtrace.domain.advice import Advice

Judge = Callable[[Assessment], Judgement]


class Tier(StrEnum):
    """Which of the contract's rules a cause belongs to, in their order."""

    FAULT = "fault"  # something went wrong in its own right: the first that is true is the headline
    SHARE = "share"  # else the largest avoidable share of the outage
    PLAIN = "plain"  # else what moved, or what started it: recovery was as good as the configuration allows
    PLANNED = "planned"  # an operator did it
    POLICY = "policy"  # the cluster moved healthy services by its own rules


class Beginning(Struct, frozen=True):
    """A kind of trigger: its type, and of failed operations which ones and with what results (empty: any `but`)."""

    trigger: type[Trigger]
    operations: tuple[str, ...] = ()
    rcs: tuple[int, ...] = ()
    but: tuple[int, ...] = ()

    def fits(self, trigger: Trigger) -> bool:
        if type(trigger) is not self.trigger:
            return False
        run = trigger.run
        of_operation = not self.operations or (run is not None and run.operation in self.operations)
        of_result = not self.rcs or (run is not None and run.rc in self.rcs)
        return of_operation and of_result and not (run is not None and run.rc in self.but)


class Complaint(Struct, frozen=True):
    """What a remedy is asked for: the incident, what the judge said of the cause, and the headline's cause."""

    facts: Assessment
    judged: Judgement
    headline: Declaration


#: What to do against a cause that is true of an incident or its headline, where no what-if tells the seconds it saves.
Remedy = Callable[[Complaint], Iterator[Advice]]


class Declaration(Struct, frozen=True, kw_only=True):
    """All that makes a cause.

    `before`, `after`: labels of the same tier that it beats, or that beat it; the order of all is derived from these.
    `begins_with`: triggers that are this cause unless more is known of them, one cause for each; `explains`: triggers
    behind which it may lie, if its judge says so. `is_origin`: its own lines prove it, whatever came before.
    `line`, `means`, `proves`, `disproves`, `fix`: the explanation, in plain sentences; line breaks are not kept.
    """

    label: str
    tier: Tier
    judge: Judge
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    begins_with: tuple[Beginning, ...] = ()
    explains: tuple[Beginning, ...] = ()
    is_origin: bool = False
    remedy: Remedy | None = None
    line: str
    means: str
    proves: str
    disproves: str
    fix: str
