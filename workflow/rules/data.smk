"""Before: data/raw/{review}/. After: what it prints, typed, on the scale of the analysis, and what is wrong with it."""


rule extract:
    """Read every cell of the printed table, and keep which characters each value came from."""
    input:
        raw=raw,
        code=code("extract"),
    output:
        studies="results/{review}/studies.csv",
        estimates="results/{review}/estimates.csv",
        provenance="results/{review}/provenance.csv",
    log:
        "logs/{review}/extract.log",
    benchmark:
        "logs/{review}/extract.tsv"
    params:
        raw="data/raw/{review}",
    shell:
        r"""
        python -m reanalysis.steps.extract \
            --raw {params.raw:q} \
            --studies {output.studies:q} \
            --estimates {output.estimates:q} \
            --provenance {output.provenance:q} \
            2>{log:q}
        """


rule reconstruct:
    """Work every printed estimate back to an effect and its standard error, by every route that its cell allows."""
    input:
        review="data/raw/{review}/review.yaml",
        studies=rules.extract.output.studies,
        estimates=rules.extract.output.estimates,
        code=code("reconstruct"),
    output:
        made="results/{review}/routes.csv",
        effects="results/{review}/effects.csv",
    log:
        "logs/{review}/reconstruct.log",
    benchmark:
        "logs/{review}/reconstruct.tsv"
    params:
        routes=" ".join(config["routes"]),
    shell:
        r"""
        python -m reanalysis.steps.reconstruct \
            --review {input.review:q} \
            --studies {input.studies:q} \
            --estimates {input.estimates:q} \
            --routes {params.routes:q} \
            --made {output.made:q} \
            --effects {output.effects:q} \
            2>{log:q}
        """


rule check:
    """Hold the printed numbers against each other, and say what cannot be true."""
    input:
        raw=raw,
        studies=rules.extract.output.studies,
        estimates=rules.extract.output.estimates,
        made=rules.reconstruct.output.made,
        code=code("check"),
    output:
        findings="results/{review}/findings.csv",
    log:
        "logs/{review}/check.log",
    benchmark:
        "logs/{review}/check.tsv"
    params:
        raw="data/raw/{review}",
    shell:
        r"""
        python -m reanalysis.steps.check \
            --raw {params.raw:q} \
            --studies {input.studies:q} \
            --estimates {input.estimates:q} \
            --made {input.made:q} \
            --findings {output.findings:q} \
            2>{log:q}
        """
