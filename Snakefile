"""From the printed table of a published review to its report: a rule a step, chained by files."""


configfile: "config.yaml"


# Used only when asked for (--software-deployment-method apptainer); workflow/Containerfile builds it.
container: "docker://reanalysis:0.1.0"


include: "workflow/rules/common.smk"


rule all:
    """Make the report of every review."""
    input:
        expand("results/{review}/report.html", review=config["reviews"]),


include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/report.smk"
