"""Cases without the names of hosts, users, domains and addresses, so that a report can be shown to strangers.

`learn` finds every name in one or more cases and gives each a pseudonym (node-1, ip-1, user-1, ...); the Redaction it
returns replaces them, the same name by the same pseudonym everywhere. Secrets are no matter of this package: they are
masked while a case is read (logtrace.lines.secrets), redacted or not.
"""

from logtrace.redaction.pseudonyms import learn
from logtrace.redaction.replace import Redaction

__all__ = ["Redaction", "learn"]
