"""From the printed table of a published review to its report: a rule a step, chained by files."""


include: "workflow/rules/strict.smk"


configfile: "config.yaml"


# Used only when asked for (--software-deployment-method apptainer); workflow/Containerfile says how to build it.
container: "reanalysis.sif"


include: "workflow/rules/common.smk"


rule all:
    """Make the results, the figures and the report of every review."""
    input:
        everything,


include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/doubt.smk"
include: "workflow/rules/compare.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/archive.smk"
