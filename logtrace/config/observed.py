"""What log lines say of a configuration whose CIB is not at hand."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from logtrace.config.model import ClusterConfig, Primitive


def with_devices(config: ClusterConfig, devices: Iterable[str]) -> ClusterConfig:
    """`config` with fence devices that the fencer registered and no CIB describes: they are no services."""
    unknown = {
        name: Primitive(id=name, klass="stonith", provider=None, type="unknown")
        for name in devices
        if name not in config.primitives
    }
    return replace(config, primitives={**config.primitives, **unknown}) if unknown else config
