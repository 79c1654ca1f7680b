"""From the printed table of a published review to its report: a rule a step, chained by files."""

configfile: "config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/report.smk"


rule all:
    """Make the report of every review, and hold its numbers against another engine's."""
    input:
        expand("results/{review}/report.html", review=config["reviews"]),
    default_target: True
