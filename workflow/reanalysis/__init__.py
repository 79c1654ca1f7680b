"""Re-pool a published review from its table exactly as printed."""
