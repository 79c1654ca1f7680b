"""From the printed table of a published review to its report: a rule a step, chained by files."""


include: "workflow/rules/strict.smk"


configfile: "config.yaml"


# Used only when asked for (--software-deployment-method apptainer); workflow/Containerfile says how to build it.
container: "reanalysis.sif"


include: "workflow/rules/common.smk"


rule all:
    """Make the report and the figures of every review."""
    input:
        expand("results/{review}/report.html", review=config["reviews"]),
        expand(
            "results/{review}/figures/{name}.{ending}",
            review=config["reviews"],
            name=figures.NAMES,
            ending=figures.FORMATS,
        ),


include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/doubt.smk"
include: "workflow/rules/report.smk"
