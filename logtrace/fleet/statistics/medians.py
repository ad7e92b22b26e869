"""Whether some clusters recover slower than others, and how sure that is.

Recoveries of one cluster depend on each other: so each cluster counts once, with the median of its own. The difference
of the two medians has the distribution-free interval of Price and Bonett ("Distribution-free confidence intervals for
difference and ratio of medians", J. Stat. Comput. Simul. 72, 2002): the error of a median is read off two order
statistics around it, so nothing is supposed of the shape of what is compared, which for times of recovery is far from
normal. Where several questions are asked at once, each gets its part of the error (Bonferroni), so that one in twenty
reports, and not one in twenty answers, says too much.

Both sides need as many clusters as a distribution-free interval of a median needs to exist at that level at all: of n
values all lie on one side of the median in one of 2^(n-1) cases.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, median
from typing import Final

from logtrace.fleet.statistics.values import Comparison, Side

#: In one of twenty reports an interval does not hold the true difference.
ERROR: Final = 0.05
#: Beyond so many values the binomial distribution is near enough to the normal one: to the third digit.
_MANY: Final = 200


def compare(one: Sequence[float], other: Sequence[float], questions: int = 1) -> Comparison:
    """Medians of clusters on two sides compared; `questions`: how many are asked at once."""
    sides = Side(len(one), median(one) if one else None), Side(len(other), median(other) if other else None)
    error = ERROR / max(questions, 1)
    if sides[0].median is None or sides[1].median is None:
        return Comparison(*sides, None, None, None)
    difference = sides[0].median - sides[1].median
    if min(len(one), len(other)) < least(questions):
        return Comparison(*sides, difference, None, None)
    reach = NormalDist().inv_cdf(1 - error / 2) * math.hypot(_deviation(one), _deviation(other))
    return Comparison(*sides, difference, difference - reach, difference + reach)


def least(questions: int = 1) -> int:
    """How many clusters each side needs."""
    return math.ceil(1 - math.log2(ERROR / max(questions, 1)))


def _deviation(values: Sequence[float]) -> float:
    """The standard error of the median of at least five values."""
    ordered, count = sorted(values), len(values)
    place = max(round((count + 1) / 2 - math.sqrt(count)), 1)
    wide = ordered[count - place] - ordered[place - 1]
    return wide / (2 * _quantile(count, place))


def _quantile(count: int, place: int) -> float:
    """How many standard errors the `place`-th of `count` values lies from the median."""
    if count > _MANY:
        return (count / 2 - (place - 0.5)) / (math.sqrt(count) / 2)
    return NormalDist().inv_cdf(1 - sum(math.comb(count, k) for k in range(place)) / 2**count)
