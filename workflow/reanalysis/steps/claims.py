"""Hold what the source says against its own numbers."""

from argparse import Namespace

from reanalysis.claim_sources import Asked
from reanalysis.claims import check_claims
from reanalysis.files import dump_json
from reanalysis.raw import read as read_raw
from reanalysis.records import Provenance
from reanalysis.results import read_models
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return each declared claim with its verdict."""
    provenance = read(arguments.results / "provenance.csv", Provenance)
    asked = Asked(read_raw(arguments.raw), read_models(arguments.raw, arguments.results), provenance)
    return {arguments.claims: dump_json(check_claims(asked))}


if __name__ == "__main__":
    run(step, ("raw", "results", "claims"))
