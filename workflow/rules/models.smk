"""Before: results/{review}/effects.csv. After: one file for each question that the report asks of the effects."""


rule pool:
    """Pool the effects under every estimator of tau2 and every interval."""
    input:
        review="data/raw/{review}/review.yaml",
        effects=rules.reconstruct.output.effects,
        code=code("pool"),
    output:
        pooled="results/{review}/pooled.json",
    log:
        "logs/{review}/pool.log",
    benchmark:
        "logs/{review}/pool.tsv"
    params:
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
        permutations=config["permutations"],
        seed=config["seed"],
    shell:
        r"""
        python -m reanalysis.steps.pool \
            --review {input.review:q} \
            --effects {input.effects:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --permutations {params.permutations:q} \
            --seed {params.seed:q} \
            --pooled {output.pooled:q} \
            2>{log:q}
        """


rule regress:
    """Fit the meta-regressions that the review asks for."""
    input:
        review="data/raw/{review}/review.yaml",
        effects=rules.reconstruct.output.effects,
        code=code("regress"),
    output:
        regression="results/{review}/regression.json",
    log:
        "logs/{review}/regress.log",
    benchmark:
        "logs/{review}/regress.tsv"
    params:
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
        permutations=config["permutations"],
        seed=config["seed"],
    shell:
        r"""
        python -m reanalysis.steps.regress \
            --review {input.review:q} \
            --effects {input.effects:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --permutations {params.permutations:q} \
            --seed {params.seed:q} \
            --regression {output.regression:q} \
            2>{log:q}
        """


rule subgroups:
    """Pool each subgroup that the review declares, and test whether they differ."""
    input:
        raw=raw,
        studies=rules.extract.output.studies,
        effects=rules.reconstruct.output.effects,
        code=code("subgroups"),
    output:
        subgroups="results/{review}/subgroups.json",
    log:
        "logs/{review}/subgroups.log",
    benchmark:
        "logs/{review}/subgroups.tsv"
    params:
        raw="data/raw/{review}",
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
        permutations=config["permutations"],
        seed=config["seed"],
    shell:
        r"""
        python -m reanalysis.steps.subgroups \
            --raw {params.raw:q} \
            --studies {input.studies:q} \
            --effects {input.effects:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --permutations {params.permutations:q} \
            --seed {params.seed:q} \
            --subgroups {output.subgroups:q} \
            2>{log:q}
        """


rule rounding:
    """Work out what the rounding of print leaves open, of each study and of every result."""
    input:
        review="data/raw/{review}/review.yaml",
        studies=rules.extract.output.studies,
        estimates=rules.extract.output.estimates,
        effects=rules.reconstruct.output.effects,
        code=code("rounding"),
    output:
        rounding="results/{review}/rounding.json",
    log:
        "logs/{review}/rounding.log",
    benchmark:
        "logs/{review}/rounding.tsv"
    params:
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
        draws=config["draws"],
        seed=config["seed"],
    shell:
        r"""
        python -m reanalysis.steps.rounding \
            --review {input.review:q} \
            --studies {input.studies:q} \
            --estimates {input.estimates:q} \
            --effects {input.effects:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --draws {params.draws:q} \
            --seed {params.seed:q} \
            --rounding {output.rounding:q} \
            2>{log:q}
        """


rule audit:
    """Work out what each declared correction does to values and results."""
    input:
        raw=raw,
        code=code("audit"),
    output:
        audit="results/{review}/audit.json",
    log:
        "logs/{review}/audit.log",
    benchmark:
        "logs/{review}/audit.tsv"
    params:
        raw="data/raw/{review}",
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
        routes=" ".join(config["routes"]),
    shell:
        r"""
        python -m reanalysis.steps.audit \
            --raw {params.raw:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --routes {params.routes:q} \
            --audit {output.audit:q} \
            2>{log:q}
        """


rule influence:
    """Work out what each study does to every model, and how the pool grew."""
    input:
        review="data/raw/{review}/review.yaml",
        studies=rules.extract.output.studies,
        effects=rules.reconstruct.output.effects,
        code=code("influence"),
    output:
        influence="results/{review}/influence.json",
    log:
        "logs/{review}/influence.log",
    benchmark:
        "logs/{review}/influence.tsv"
    params:
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
    shell:
        r"""
        python -m reanalysis.steps.influence \
            --review {input.review:q} \
            --studies {input.studies:q} \
            --effects {input.effects:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --influence {output.influence:q} \
            2>{log:q}
        """


rule subsets:
    """Pool every subset of the studies."""
    input:
        review="data/raw/{review}/review.yaml",
        effects=rules.reconstruct.output.effects,
        code=code("subsets"),
    output:
        subsets="results/{review}/subsets.json",
        leave_out="results/{review}/leave_out.json",
    log:
        "logs/{review}/subsets.log",
    benchmark:
        "logs/{review}/subsets.tsv"
    params:
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
        draws=config["draws"],
        seed=config["seed"],
    shell:
        r"""
        python -m reanalysis.steps.subsets \
            --review {input.review:q} \
            --effects {input.effects:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --draws {params.draws:q} \
            --seed {params.seed:q} \
            --subsets {output.subsets:q} \
            --leave-out {output.leave_out:q} \
            2>{log:q}
        """


rule crosscheck:
    """Compute the same numbers with statsmodels, and count the digits that agree."""
    input:
        effects=rules.reconstruct.output.effects,
        pooled=rules.pool.output.pooled,
        regression=rules.regress.output.regression,
        code=code("crosscheck"),
    output:
        crosscheck="results/{review}/crosscheck.json",
    log:
        "logs/{review}/crosscheck.log",
    benchmark:
        "logs/{review}/crosscheck.tsv"
    shell:
        r"""
        python -m reanalysis.steps.crosscheck \
            --effects {input.effects:q} \
            --pooled {input.pooled:q} \
            --regression {input.regression:q} \
            --crosscheck {output.crosscheck:q} \
            2>{log:q}
        """


rule certify:
    """Compute every number of the models again, to fifty digits, and count the digits that agree."""
    input:
        review="data/raw/{review}/review.yaml",
        effects=rules.reconstruct.output.effects,
        pooled=rules.pool.output.pooled,
        regression=rules.regress.output.regression,
        code=code("certify"),
    output:
        certification="results/{review}/certification.json",
    log:
        "logs/{review}/certify.log",
    benchmark:
        "logs/{review}/certify.tsv"
    params:
        tau2_method=config["tau2_method"],
        interval=config["interval"],
        level=config["level"],
    shell:
        r"""
        python -m reanalysis.steps.certify \
            --review {input.review:q} \
            --effects {input.effects:q} \
            --pooled {input.pooled:q} \
            --regression {input.regression:q} \
            --tau2-method {params.tau2_method:q} \
            --interval {params.interval:q} \
            --level {params.level:q} \
            --certification {output.certification:q} \
            2>{log:q}
        """
