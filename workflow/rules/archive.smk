"""Before: code, input and results of a version. After: archive/<version>.zip, written once."""


rule archive:
    """Archive the analysis under the version in config.yaml; refuse a changed one under an old version."""

    # No output: Snakemake would delete an archive before it made it again, and an archive is never written over.
    input:
        everything,
        raw=lambda wildcards: [file for review in config["reviews"] for file in raw_files(review)],
        code=code("archive"),
    log:
        "logs/archive/archive.log",
    benchmark:
        "logs/archive/archive.tsv"
    params:
        used=json.dumps(dict(config), sort_keys=True),
    shell:
        r"""
        python -m reanalysis.steps.archive \
            --project . \
            --archives archive \
            --used {params.used:q} \
            2>{log:q}
        """
