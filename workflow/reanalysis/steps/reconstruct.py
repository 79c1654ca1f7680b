"""Work every printed estimate back to an effect and its standard error."""

from argparse import Namespace

from reanalysis.effects import effects
from reanalysis.files import read_yaml
from reanalysis.records import Effect, Estimate, Route, Study
from reanalysis.review import parse
from reanalysis.routes import routes
from reanalysis.steps.command import Contents, run
from reanalysis.tables import dump, read


def step(arguments: Namespace) -> Contents:
    """Return every route to a standard error, and the effects that the analysis uses."""
    review = parse(read_yaml(arguments.review), str(arguments.review))
    studies, estimates = read(arguments.studies, Study), read(arguments.estimates, Estimate)
    made = routes(estimates, studies, review.outcome, arguments.routes)
    found = effects(studies, estimates, made, review, str(arguments.review))
    return {
        arguments.made: dump(made, Route),
        arguments.effects: dump(found, Effect, review.moderators),
    }


if __name__ == "__main__":
    run(step, ("review", "studies", "estimates", "made", "effects"), ("routes",))
