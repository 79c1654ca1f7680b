"""Before: the effects, the pool and the regressions. After: what could make the answer wrong, one file a question."""


rule dependence:
    """Pool with estimates that share a control group or patients, and with cluster-robust standard errors."""
    input:
        raw=raw,
        effects=rules.reconstruct.output.effects,
        code=code("dependence"),
    output:
        dependence="results/{review}/dependence.json",
    log:
        "logs/{review}/dependence.log",
    benchmark:
        "logs/{review}/dependence.tsv"
    params:
        raw="data/raw/{review}",
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
    shell:
        r"""
        python -m reanalysis.steps.dependence \
            --raw {params.raw:q} \
            --effects {input.effects:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --dependence {output.dependence:q} \
            2>{log:q}
        """


rule elsewhere:
    """Set published pools, and the pool of the companion that a review names, beside its own."""
    input:
        raw=raw,
        pooled=rules.pool.output.pooled,
        companion=companion,
        code=code("elsewhere"),
    output:
        elsewhere="results/{review}/elsewhere.json",
    log:
        "logs/{review}/elsewhere.log",
    benchmark:
        "logs/{review}/elsewhere.tsv"
    params:
        raw="data/raw/{review}",
        results=subpath(output.elsewhere, ancestor=2),
    shell:
        r"""
        python -m reanalysis.steps.elsewhere \
            --raw {params.raw:q} \
            --pooled {input.pooled:q} \
            --results {params.results:q} \
            --elsewhere {output.elsewhere:q} \
            2>{log:q}
        """


rule multiverse:
    """Pool under every scenario, and under every specification."""
    input:
        raw=raw,
        code=code("multiverse"),
    output:
        multiverse="results/{review}/multiverse.json",
        specifications="results/{review}/specifications.csv",
    log:
        "logs/{review}/multiverse.log",
    benchmark:
        "logs/{review}/multiverse.tsv"
    params:
        raw="data/raw/{review}",
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
        routes=" ".join(config["routes"]),
        seed=config["seed"],
    shell:
        r"""
        python -m reanalysis.steps.multiverse \
            --raw {params.raw:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --routes {params.routes:q} \
            --seed {params.seed:q} \
            --multiverse {output.multiverse:q} \
            --specifications {output.specifications:q} \
            2>{log:q}
        """


rule confounding:
    """Work out how much confounding or early excess could explain the pool."""
    input:
        raw=raw,
        effects=rules.reconstruct.output.effects,
        code=code("confounding"),
    output:
        confounding="results/{review}/confounding.json",
    log:
        "logs/{review}/confounding.log",
    benchmark:
        "logs/{review}/confounding.tsv"
    params:
        raw="data/raw/{review}",
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
        draws=config["draws"],
        seed=config["seed"],
    shell:
        r"""
        python -m reanalysis.steps.confounding \
            --raw {params.raw:q} \
            --effects {input.effects:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --draws {params.draws:q} \
            --seed {params.seed:q} \
            --confounding {output.confounding:q} \
            2>{log:q}
        """


rule small_study:
    """Ask whether small studies say something else."""
    input:
        review="data/raw/{review}/review.yaml",
        effects=rules.reconstruct.output.effects,
        code=code("small_study"),
    output:
        small_study="results/{review}/small_study.json",
    log:
        "logs/{review}/small_study.log",
    benchmark:
        "logs/{review}/small_study.tsv"
    params:
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
        draws=config["draws"],
        seed=config["seed"],
    shell:
        r"""
        python -m reanalysis.steps.small_study \
            --review {input.review:q} \
            --effects {input.effects:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --draws {params.draws:q} \
            --seed {params.seed:q} \
            --small-study {output.small_study:q} \
            2>{log:q}
        """


rule claims:
    """Hold what the source says against its own numbers."""
    input:
        raw=raw,
        studies=rules.extract.output.studies,
        estimates=rules.extract.output.estimates,
        provenance=rules.extract.output.provenance,
        effects=rules.reconstruct.output.effects,
        pooled=rules.pool.output.pooled,
        regression=rules.regress.output.regression,
        rounding=rules.rounding.output.rounding,
        code=code("claims"),
    output:
        claims="results/{review}/claims.json",
    log:
        "logs/{review}/claims.log",
    benchmark:
        "logs/{review}/claims.tsv"
    params:
        raw="data/raw/{review}",
        results=subpath(input.studies, parent=True),
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
        routes=" ".join(config["routes"]),
        permutations=config["permutations"],
        seed=config["seed"],
    shell:
        r"""
        python -m reanalysis.steps.claims \
            --raw {params.raw:q} \
            --results {params.results:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --routes {params.routes:q} \
            --permutations {params.permutations:q} \
            --seed {params.seed:q} \
            --claims {output.claims:q} \
            2>{log:q}
        """


rule r_script:
    """Write an R script that makes the models again with metafor, and compares."""
    input:
        review="data/raw/{review}/review.yaml",
        effects=rules.reconstruct.output.effects,
        pooled=rules.pool.output.pooled,
        regression=rules.regress.output.regression,
        small_study=rules.small_study.output.small_study,
        code=code("r_script"),
    output:
        script="results/{review}/check.R",
    log:
        "logs/{review}/r_script.log",
    benchmark:
        "logs/{review}/r_script.tsv"
    shell:
        r"""
        python -m reanalysis.steps.r_script \
            --review {input.review:q} \
            --effects {input.effects:q} \
            --pooled {input.pooled:q} \
            --regression {input.regression:q} \
            --small-study {input.small_study:q} \
            --script {output.script:q} \
            2>{log:q}
        """
