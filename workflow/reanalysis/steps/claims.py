"""Hold what the source says against its own numbers."""

from argparse import Namespace

from reanalysis.claim_sources import Asked
from reanalysis.claim_trials import trials
from reanalysis.claims import check_claims
from reanalysis.departures import Departures
from reanalysis.files import dump_json
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.raw import read as read_raw
from reanalysis.records import Provenance
from reanalysis.results import read_models
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return each declared claim with its verdict, also where rows in error are left out and corrections applied."""
    provenance = read(arguments.results / "provenance.csv", Provenance)
    raw = read_raw(arguments.raw)
    asked = Asked(raw, read_models(arguments.raw, arguments.results), provenance)
    choices = Choices(arguments.tau2_method, arguments.interval, arguments.level)
    resampling = Resampling(arguments.permutations, arguments.seed)
    again = trials(Departures(raw, arguments.routes), choices, resampling)
    return {arguments.claims: dump_json(check_claims(asked, again))}


if __name__ == "__main__":
    run(step, ("raw", "results", "claims"), ("tau2_method", "interval", "level", "routes", "permutations", "seed"))
