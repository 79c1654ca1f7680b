"""A slow, independent judge of the numerical engine: every number again, to fifty digits, by other algorithms."""
