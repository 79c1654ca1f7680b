"""Before: the results of every model. After: the figures and the page that shows them."""


rule draw:
    """Draw every figure, for the page and for print."""
    input:
        review="data/raw/{review}/review.yaml",
        studies=rules.extract.output.studies,
        estimates=rules.extract.output.estimates,
        effects=rules.reconstruct.output.effects,
        pooled=rules.pool.output.pooled,
        regression=rules.regress.output.regression,
        rounding=rules.rounding.output.rounding,
        multiverse=rules.multiverse.output.multiverse,
        specifications=rules.multiverse.output.specifications,
        confounding=rules.confounding.output.confounding,
        elsewhere=rules.elsewhere.output.elsewhere,
        influence=rules.influence.output.influence,
        subsets=rules.subsets.output.subsets,
        dependence=rules.dependence.output.dependence,
        subgroups=rules.subgroups.output.subgroups,
        findings=rules.check.output.findings,
        changes=rules.changes.output.changes,
        code=code("draw"),
    output:
        pictures=expand(
            "results/{{review}}/figures/{name}.{ending}",
            name=figures.NAMES,
            ending=figures.FORMATS,
        ),
        tables=expand("results/{{review}}/figures/{name}.csv", name=figures.NAMES),
        words="results/{review}/figures/words.json",
    log:
        "logs/{review}/draw.log",
    benchmark:
        "logs/{review}/draw.tsv"
    params:
        raw=subpath(input.review, parent=True),
        results=subpath(input.studies, parent=True),
        figures=subpath(output.words, parent=True),
        figure_width=config["figure_width"],
    shell:
        r"""
        python -m reanalysis.steps.draw \
            --raw {params.raw:q} \
            --results {params.results:q} \
            --figures {params.figures:q} \
            --figure-width {params.figure_width:q} \
            2>{log:q}
        """


rule report:
    """Render the page: one file, complete without a network."""
    input:
        raw=raw,
        studies=rules.extract.output.studies,
        estimates=rules.extract.output.estimates,
        provenance=rules.extract.output.provenance,
        made=rules.reconstruct.output.made,
        effects=rules.reconstruct.output.effects,
        findings=rules.check.output.findings,
        pooled=rules.pool.output.pooled,
        regression=rules.regress.output.regression,
        rounding=rules.rounding.output.rounding,
        audit=rules.audit.output.audit,
        dependence=rules.dependence.output.dependence,
        elsewhere=rules.elsewhere.output.elsewhere,
        claims=rules.claims.output.claims,
        influence=rules.influence.output.influence,
        subsets=rules.subsets.output.subsets,
        leave_out=rules.subsets.output.leave_out,
        multiverse=rules.multiverse.output.multiverse,
        specifications=rules.multiverse.output.specifications,
        subgroups=rules.subgroups.output.subgroups,
        confounding=rules.confounding.output.confounding,
        small_study=rules.small_study.output.small_study,
        certification=rules.certify.output.certification,
        crosscheck=rules.crosscheck.output.crosscheck,
        script=rules.r_script.output.script,
        against=rules.against.output.against,
        changes=rules.changes.output.changes,
        pictures=expand("results/{{review}}/figures/{name}.svg", name=figures.NAMES),
        words=rules.draw.output.words,
        companion=companion,
        code=code("report"),
    output:
        page="results/{review}/report.html",
        citations=expand("results/{{review}}/citation.{ending}", ending=("ris", "bib", "csl.json")),
    log:
        "logs/{review}/report.log",
    benchmark:
        "logs/{review}/report.tsv"
    params:
        raw="data/raw/{review}",
        results=subpath(input.studies, parent=True),
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
        python -m reanalysis.steps.report \
            --raw {params.raw:q} \
            --results {params.results:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --routes {params.routes:q} \
            --draws {params.draws:q} \
            --permutations {params.permutations:q} \
            --figure-width {params.figure_width:q} \
            --seed {params.seed:q} \
            --page {output.page:q} \
            2>{log:q}
        """
