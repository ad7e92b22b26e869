"""What to call a chain: its headline by the three rules of causes, how sure that is, and one sentence."""
