"""What if: an incident's recovery, computed again under a changed configuration."""

from logtrace.whatif.build import recovery
from logtrace.whatif.changes import parse
from logtrace.whatif.engine import predict
from logtrace.whatif.model import Change, Prediction, Recovery

__all__ = ["Change", "Prediction", "Recovery", "parse", "predict", "recovery"]
