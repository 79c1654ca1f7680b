"""Render the review report."""

from argparse import Namespace

from reanalysis.figures import NAMES
from reanalysis.files import read_json, read_text
from reanalysis.raw import read as read_raw
from reanalysis.records import Finding, Provenance, Route
from reanalysis.report.page import Material, checksum, render
from reanalysis.results import read_results
from reanalysis.steps.command import Contents, run
from reanalysis.tables import read


def step(arguments: Namespace) -> Contents:
    """Return the page."""
    files = sorted(path for path in arguments.raw.iterdir() if path.suffix in (".csv", ".yaml"))
    material = Material(
        raw=read_raw(arguments.raw),
        results=read_results(
            arguments.raw / "review.yaml",
            arguments.studies,
            arguments.estimates,
            arguments.effects,
            arguments.pooled,
            arguments.regression,
        ),
        provenance=read(arguments.provenance, Provenance),
        routes=read(arguments.made, Route),
        findings=read(arguments.findings, Finding),
        crosscheck=read_json(arguments.crosscheck),
        figures={name: read_text(arguments.figures / f"{name}.svg") for name in NAMES},
        words=read_json(arguments.figures / "words.json")["figures"],
        settings={name: getattr(arguments, name) for name in ("tau2_method", "interval", "level", "routes")},
        checksums={path.name: checksum(path.read_bytes()) for path in files},
    )
    return {arguments.page: render(material)}


if __name__ == "__main__":
    run(
        step,
        (
            *("raw", "studies", "estimates", "provenance", "made", "effects", "findings"),
            *("pooled", "regression", "crosscheck", "figures", "page"),
        ),
        ("tau2_method", "interval", "level", "routes"),
    )
