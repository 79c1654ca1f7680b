# estimators.json: nine estimators and meta-regressions on fourteen further data sets.

example <- function(call, rows, ...) list(call = call, rows = rows, models = list(...))

given_rows <- function(name) as.data.frame(getExportedValue("metadat", paste0("dat.", name)))

# Two arms with events and totals, under the usual names of metadat.
two_arms <- function(measure, name) effects_of(escalc(
  measure = measure, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = given_rows(name)))

# Effects (escalc where the data have none) and the moderators of each regression.
examples <- function() {
  stroke <- effects_of(escalc(measure = "MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                              data = given_rows("normand1999")))
  warfarin <- effects_of(escalc(measure = "IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i,
                                data = given_rows("hart1999")))
  vaccine <- effects_of(escalc(measure = "OR", ai = tpos, bi = tneg, ci = cpos, di = cneg,
                               data = given_rows("colditz1994")))
  adherence <- effects_of(escalc(measure = "ZCOR", ri = ri, ni = ni, data = given_rows("molloy2014")))
  teaching <- effects_of(escalc(measure = "ZCOR", ri = ri, ni = ni, data = given_rows("cohen1981")))
  list(
    hackshaw1998 = example("yi, vi as given (log odds ratio)", given_rows("hackshaw1998"), "year"),
    normand1999 = example("escalc(measure = \"MD\")", stroke),
    raudenbush1985 = example("yi, vi as given (standardised mean difference)", given_rows("raudenbush1985"), "weeks"),
    hart1999 = example("escalc(measure = \"IRR\")", warfarin, "year"),
    bangertdrowns2004 = example("yi, vi as given; the rows with a length", given_rows("bangertdrowns2004"),
                                "length", "year", c("length", "year")),
    li2007 = example("escalc(measure = \"OR\")", two_arms("OR", "li2007"), "year"),
    colditz1994 = example("escalc(measure = \"OR\")", vaccine, "ablat", c("ablat", "year")),
    molloy2014 = example("escalc(measure = \"ZCOR\")", adherence, "meanage", c("meanage", "quality")),
    hine1989 = example("escalc(measure = \"RD\")", two_arms("RD", "hine1989")),
    lee2004 = example("escalc(measure = \"OR\")", two_arms("OR", "lee2004"), "year"),
    linde2005 = example("escalc(measure = \"RR\"); the rows with baseline and dosage", two_arms("RR", "linde2005"),
                        "baseline", c("baseline", "duration", "dosage")),
    cohen1981 = example("escalc(measure = \"ZCOR\")", teaching),
    pignon2000 = example("yi = OmE / V, vi = 1 / V (log hazard ratio)",
                         transform(given_rows("pignon2000"), yi = OmE / V, vi = 1 / V)),
    baskerville2012 = example("yi = smd, vi = se^2 (standardised mean difference)",
                              transform(given_rows("baskerville2012"), yi = smd, vi = se^2),
                              "year", c("year", "score")))
}

example_of <- function(example) {
  terms <- unique(unlist(example$models))
  rows <- example$rows[c("yi", "vi", terms)]
  rows[] <- lapply(rows, as.numeric)
  rows <- rows[stats::complete.cases(rows), ]
  out <- list(call = example$call, k = nrow(rows), data = rows,
              q_profile = q_profile(fit(rows$yi, rows$vi, method = "REML")))
  for (method in METHODS) for (test in c("z", "knha")) out$pooled[[paste0(method, "/", test)]] <- mean_of(
    fit(rows$yi, rows$vi, method = method, test = test))
  for (model in example$models) for (method in METHODS) for (test in c("z", "knha")) {
    key <- paste0("~", paste(model, collapse = "+"), "/", method, "/", test)
    fitted <- fit(rows$yi, rows$vi, columns(rows, model), method, test)
    out$regression[[key]] <- regression_of(fitted)
    if (length(model) > 1) out$regression[[key]]$vif <- many(vapply(vif(fitted)$vif, `[[`, 0, "vif"))
  }
  out
}

make_estimators <- function() c(
  list(source = source_block(
    paste("rma(yi, vi, mods, method, test, control = list(threshold = 1e-14, maxiter = 10000, tol = 1e-15)),",
          "confint(), vif(), logLik()"),
    paste("tau2 is written 0 where the iteration had crept below 1e-12 of the median variance. i2 in per cent.",
          "q_profile: of the mean model, the same for every estimator. threshold: 1e-14, or where rounding keeps the",
          "steps above that the next power of ten at which they stop. vif: of the moderators, the constant left out.",
          "loglik_reml carries metafor's constant +0.5 log|X'X| (REMLf = TRUE). r2: in per cent, against tau2 of the",
          "mean model by the same estimator, 0 where that is 0; with FE the adjusted R2 of weighted least squares."))),
  lapply(examples(), example_of))
