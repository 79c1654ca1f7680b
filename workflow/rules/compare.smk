"""Before: an archived version, and the raw files. After: what changed since, and what each change moved."""


rule against:
    """Keep what a comparison needs of the archived version; that there is none, where there is none."""
    input:
        # The lock file is compared too, and only then.
        archived=[str(COMPARED_WITH), "requirements.lock"] if COMPARED_WITH else [],
        code=code("against"),
    output:
        against="results/{review}/against.json",
    log:
        "logs/{review}/against.log",
    benchmark:
        "logs/{review}/against.tsv"
    params:
        raw="data/raw/{review}",
        archives=str(ARCHIVES),
        version=config["version"],
        # Quoted below, as :q makes nothing of an empty text; the schema lets no sign in that a shell reads.
        asked=ASKED,
    shell:
        r"""
        python -m reanalysis.steps.against \
            --project . \
            --archives {params.archives:q} \
            --raw {params.raw:q} \
            --version {params.version:q} \
            --asked "{params.asked}" \
            --against {output.against:q} \
            2>{log:q}
        """


rule changes:
    """Work out what changed since the archived version, and what each cause moved."""
    input:
        raw=raw,
        against=rules.against.output.against,
        code=code("changes"),
    output:
        changes="results/{review}/changes.json",
    log:
        "logs/{review}/changes.log",
    benchmark:
        "logs/{review}/changes.tsv"
    params:
        raw="data/raw/{review}",
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
        routes=" ".join(config["routes"]),
        draws=config["draws"],
        permutations=config["permutations"],
        figure_width=config["figure_width"],
        seed=config["seed"],
    shell:
        r"""
        python -m reanalysis.steps.changes \
            --raw {params.raw:q} \
            --against {input.against:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --routes {params.routes:q} \
            --draws {params.draws:q} \
            --permutations {params.permutations:q} \
            --figure-width {params.figure_width:q} \
            --seed {params.seed:q} \
            --changes {output.changes:q} \
            2>{log:q}
        """


rule compare:
    """Say what changed since the archived version that `--config against=` names, else since the newest lower one."""

    # No output: what it says is for the eye, and stands in changes.json and in the report.
    input:
        changes=expand("results/{review}/changes.json", review=config["reviews"]),
        code=code("compare"),
    log:
        "logs/compare/compare.log",
    benchmark:
        "logs/compare/compare.tsv"
    params:
        folders=[f"results/{review}" for review in config["reviews"]],
    shell:
        r"""
        for folder in {params.folders:q}; do
            python -m reanalysis.steps.compare --results "$folder" 2>>{log:q}
        done
        """
