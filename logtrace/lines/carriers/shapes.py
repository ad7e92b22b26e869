"""How a line of a log begins, in any of its writers' ways: what carriers look for behind what they put before it.

The expressions are of the common part of Python's and Rust's dialects, without look-around: both may use them.
"""

from __future__ import annotations

from typing import Final

#: Months as the C library abbreviates them in the languages administrators use; in lower case, without a point.
MONTHS: Final[dict[str, int]] = {
    name: number
    for number, names in enumerate(
        (
            "jan jän janv ene gen sty led ocak oca tammi jaan ian sij saus янв яну січ ιαν 1月 1월",  # noqa: RUF001
            "feb févr fév fev lut úno şub helmi febr veebr vel vas фев лют φεβ 2月 2월",
            "mar mär mars märz mrt bře maalis márc març märts ožu kov мар бер μαρ 3月 3월",  # noqa: RUF001
            "apr avr abr kwi dub nis huhti ápr tra bal апр кві απρ 4月 4월",
            "may mai maj mei mag kvě touko máj maig svi geg мая май тра μαΐ μάι μαι 5月 5월",
            "jun juin giu cze čvn čen haz kesä jún juni juuni juny iun birž июн юни чер ιουν ιούν 6月 6월",  # noqa: RUF001
            "jul juil lug lip čvc čec tem heinä júl juli juuli iul liep июл юли лип ιουλ ιούλ 7月 7월",
            "aug août aoû ago sie srp ağu elo avg kol rugp авг сер αυγ 8月 8월",  # noqa: RUF001
            "sep sept set wrz zář eyl syys szept ruj rugs сен вер σεπ 9月 9월",
            "oct okt ott out paź říj eki loka spal окт жов οκτ 10月 10월",
            "nov lis kas marras stu lapkr ноя ное лис νοε νοέ 11月 11월",
            "dec dez déc dic gru pro ara joulu des dets gruod дек гру δεκ 12月 12월",  # noqa: RUF001
        ),
        1,
    )
    for name in names.split()
}
ENGLISH: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_LONGEST: Final = sorted(MONTHS, key=len, reverse=True)
MONTH: Final = rf"(?:(?i:{'|'.join(_LONGEST)})\.?)"
TIME: Final = r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
ISO: Final = rf"[0-9]{{4}}[-/.][0-9]{{2}}[-/.][0-9]{{2}}[T ]{TIME}"
#: The day of the week stands before a date; only that it is a word is looked at.
WEEKDAY: Final = r"[^\s0-9\[\](){}<>:;,.|=\"'`#*-]{2,5}\.?,?"

#: The tag of a program that writes its time behind it.
BEHIND: Final = r"[0-9A-Za-z_./-]+(?:\([^()\s]+\))?\[[0-9]+\]:[ \t]+"
#: Web servers write who asked before the time.
ACCESS: Final = rf"(?:[0-9A-Za-z_.-]+:[0-9]+ )?[0-9A-Za-z_.:-]+ \S+ \S+ \[[0-9]{{2}}/[A-Z][a-z][a-z]/[0-9]{{4}}:{TIME} "

#: RFC 5424, also where its priority was taken off: version, time, host, program, process, message id, structured data.
RFC_5424: Final = r"(?:<[0-9]{1,3}>)?1 [0-9]{4}-[0-9]{2}-[0-9]{2}T\S+ \S+ \S+ (?:[0-9]+|-) \S+ (?:- |\[)"

#: What Fluentd puts before a record: time and tag.
FORWARDED: Final = (
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}(?:[.,][0-9]+)?(?: ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?)"
    r"[ \t]+[\w.*/-]+:?[ \t]+\{"
)

#: Every way in which the time of a line is written at its beginning.
STAMPS: Final = (
    rf"\[?{ISO}",
    rf"(?:{WEEKDAY} +)?\[?{MONTH} +[0-9]{{1,2}},? +(?:[0-9]{{4}},? +)?{TIME}",
    rf"\[?{WEEKDAY} +(?:{MONTH} +[0-9]{{1,2}}|[0-9]{{1,2}} +{MONTH}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})[ ,0-9]* +{TIME}",
    rf"[0-9]{{4}} +{MONTH} +[0-9]{{1,2}} +{TIME}",
    rf"(?:[0-9]{{4}}[年년] ?)?[0-9]{{1,2}}[月월] ?[0-9]{{1,2}}[日일],? +{TIME}",
    rf"\[?[0-9]{{1,2}}\.?[-/. ](?:[0-9]{{1,2}}|{MONTH})[-/. ][0-9]{{4}}(?:[:T]|,? +){TIME}",
    rf"\[?[0-9]{{1,2}}[-/.](?:[0-9]{{1,2}}|{MONTH})[-/.][0-9]{{2}}(?:[:T]|,? +){TIME}",  # `1 Nov 22`: a number
    rf"[0-9]{{1,2}}\.? {MONTH} {TIME}",
    r"\[ *[0-9]{1,9}\.[0-9]{6}(?: <[ 0-9.]*>)?\]",
    r"[0-9]{10}(?:\.[0-9]{3,6})? ",
    # behind a tag: agents, Heartbeat, Corosync in the foreground
    rf"{BEHIND}(?:{ISO.replace('[T ]', '_')}|{MONTH} +[0-9]{{1,2}} {TIME})",
    ACCESS,
    RFC_5424,
)  # fmt: skip
STAMP: Final = "|".join(STAMPS)
#: A time with its year, in another order than ISO 8601 has.
DATED: Final = (
    rf"(?:{WEEKDAY} +)?"
    rf"(?:{MONTH} +[0-9]{{1,2}},? +[0-9]{{4}}|[0-9]{{1,2}}\.?[-/. ](?:[0-9]{{1,2}}|{MONTH})[-/. ][0-9]{{4}}|"
    rf"[0-9]{{1,2}}[-/.](?:[0-9]{{1,2}}|{MONTH})[-/.][0-9]{{2}})"
    rf"(?:[:T]|,? +(?:@ +)?){TIME}"
)

DAEMONS: Final = (
    r"pacemakerd|pacemaker[-_][a-z]+|corosync(?:-[a-z]+)?|crmd|pengine|tengine|lrmd|cib|attrd|stonith-ng|stonithd|"
    r"heartbeat|sbd|booth(?:d|-[a-z]+)?|ccm|dlm_controld"
)
#: The tag of a daemon of the cluster or of a resource agent.
TAG: Final = rf"(?:(?:{DAEMONS})(?:\[[0-9]+\]:|: \[[0-9]+\]:)|[0-9A-Za-z_./-]+\([^()\s]+\)\[[0-9]+\]:)"
#: A line without a time: tag, or host and tag.
TIMELESS: Final = rf"(?:[0-9A-Za-z_.-]+ +)?{TAG} "
LEVEL: Final = r"(?:emerg|alert|crit|error|warning|notice|info|debug|trace)"
SUBSYSTEM: Final = r"\[(?:TOTEM|QUORUM|VOTEQ|MAIN|KNET|CPG|CFG|CMAP|SERV|QB|WD) *\] "
#: The same as only these daemons write it: with a level or subsystem behind the tag.
TAGGED: Final = rf"(?:[0-9A-Za-z_.-]+ +)?(?:(?:{DAEMONS})\[[0-9]+\]: +{LEVEL}: |corosync\[[0-9]+\]: +{SUBSYSTEM})"
#: A line of the files that Corosync and Pacemaker 1.1 write themselves: process id, host, daemon, level.
OWN_FILES: Final = rf"\[[0-9]+\] [0-9A-Za-z_.-]+ +(?:corosync ?{LEVEL} +{SUBSYSTEM}|(?:{DAEMONS}): +{LEVEL}: )"

#: The stamps that the layouts of parsers/formats have, at the beginning of a line.
PLAIN: Final = "|".join((
    rf"(?:{'|'.join(ENGLISH)}) [ 0-9]?[0-9] {TIME}",
    rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{TIME}",
    r"[A-Z][a-z][a-z] [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)? [A-Z+-]",
    rf"[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}} {TIME}",  # services' own logs
    r"\[[A-Z][a-z][a-z] [A-Z][a-z][a-z] [0-9]{2} [0-9:.]+ [0-9]{4}\] \[",  # Apache's errors
    RFC_5424,
    rf"{BEHIND}(?:[0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}}_{TIME}|(?:{'|'.join(ENGLISH)}) [0-9]{{2}} {TIME})",
    ACCESS,
))  # fmt: skip

#: Any line of a log, at its beginning.
BEGINNINGS: Final = (*STAMPS, TIMELESS)
ANY: Final = f"(?:{'|'.join(BEGINNINGS)})"
