"""All steps, imported once by the process from which those that run them are forked."""

from importlib import import_module

from reanalysis.commands.recompute import NEEDS

for step in NEEDS:
    import_module(f"reanalysis.steps.{step}")
