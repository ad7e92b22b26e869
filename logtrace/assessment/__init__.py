"""What a chain cost: its times, its phases, its critical path, from the last sign of life to the recovery."""
