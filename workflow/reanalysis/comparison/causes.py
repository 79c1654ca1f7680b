"""What can make a result other than it was, and which results are compared."""

STUDIES, CELLS, CORRECTIONS, DECLARATIONS, SETTINGS = "studies", "cells", "corrections", "declarations", "settings"

# Of these, what can be put in or left out. Code and packages of then cannot: theirs is what is left.
SWITCHED = (STUDIES, CELLS, CORRECTIONS, DECLARATIONS, SETTINGS)
SOFTWARE = "software"

# Where code stands, below a project.
CODE = "workflow/reanalysis/"

# The keys of pooled.json that are compared, and what a coefficient of regression.json is called beside them.
POOLED = ("estimate", "ci_low", "ci_high", "tau2")
SLOPE = "slope"
