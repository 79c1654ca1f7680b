"""Figures: finished numbers in, a matplotlib Figure out, no statistics.

A figure is a module here, its name in `NAMES`, and the module of that name in `views` that makes
its numbers; figures of one kind share both.
"""

# Here and not in `views`, because Snakemake asks for the names and need not wait for matplotlib.
NAMES = (
    "forest",
    "funnel",
    "bubble",
    "bubble_size",
    "bubble_others",
    "periods",
    "leave_one_out",
    "baujat",
    "galbraith",
    "gosh",
    "cumulative",
    "scenarios",
    "specifications",
    "bias",
    "waterfall",
)
FORMATS = ("svg", "png", "pdf")
