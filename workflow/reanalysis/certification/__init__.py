"""A slow, independent judge of the numerical engine: its models again, to fifty digits, by other algorithms.

Pooled models, meta-regressions and models without one study; what rests on them in other files is not computed again.
"""
