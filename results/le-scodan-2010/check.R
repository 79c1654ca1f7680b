# Local treatment of the primary tumour in women with breast cancer and metastases at diagnosis
# Source: Table 1 of Le Scodan R, Ali D, Stevens D. Exclusive and adjuvant radiotherapy in breast cancer patients with
# synchronous metastases. BMC Cancer 2010;10:630
#
# Makes the numbers of this review again with metafor, from the effects below and nothing else, and compares them with
# the expected ones, which are those of pooled.json, regression.json and small_study.json:
#
#   Rscript check.R
#
# prints the largest relative difference, and stops where one is above the tolerance. It needs R and the package
# metafor; it was tried with R 4.2.2 and metafor 3.8-1. This file is UTF-8.
#
# Made by Reanalysis 0.1.0; an edit is lost when the workflow runs again.

suppressMessages(library(metafor))

# The expected numbers have ten significant digits.
tolerance <- 1e-6
level <- 0.95

# The effects of OS, log HR, and their standard errors, in the order of print.
study <- c(
  "Khan", "Gnerlich", "Bafford", "Shien", "Blanchard", "Fields", "Babiera", "Hazard", "Ruiterkamp",
  "Rapiti", "Le Scodan")
yi <- c(
  -0.49429632181478, -0.562118918153541, -0.755022584278033, -0.116533816255952, -0.49593701127224,
  -0.63487827243597, -0.693147180559945, -0.225646681532328, -0.478035800943, -0.510825623765991,
  -0.356674943938732)
sei <- c(
  0.0290679472296419, 0.0221971877228266, 0.254410127602854, 0.0601343533300656, 0.111481835230031,
  0.119140709929217, 0.442508400427359, 0.350739555518418, 0.10176404023455, 0.233751930928767,
  0.0975038952140721)
vi <- sei^2

# One model. metafor's iterations stop early unless told otherwise; where rounding keeps their steps above the first
# threshold, the next power of ten at which they stop is taken. Thresholds are in units of the sampling variances, and
# no moderator is refused for its unit (evtol).
fit <- function(yi, vi, method, test, mods = NULL) {
  call <- list(yi = yi, vi = vi, method = method, test = test, level = 100 * level)
  if (!is.null(mods)) call$mods <- mods
  largest <- 1e4 * (diff(range(yi))^2 + max(vi))
  for (digits in 14:8) {
    call$control <- list(
      threshold = 10^-digits * median(vi), maxiter = 1000, tol = 1e-15, tau2.max = largest, evtol = 0)
    model <- try(suppressWarnings(do.call(rma, call)), silent = TRUE)
    if (!inherits(model, "try-error")) return(model)
  }
  stop(conditionMessage(attr(model, "condition")))
}

# Its coefficients by one of three intervals: "wald", "hksj" (Knapp and Hartung), and "hksj_guarded", which is Knapp
# and Hartung's with a scale of at least 1.
inference <- function(yi, vi, method, interval, mods = NULL) {
  model <- fit(yi, vi, method, if (interval == "wald") "z" else "knha", mods)
  out <- list(
    k = model$k, df = if (interval == "wald") Inf else model$k - model$p,
    estimate = as.vector(model$beta), se = model$se, p = model$pval, ci_low = model$ci.lb, ci_high = model$ci.ub,
    tau2 = model$tau2, i2 = model$I2, q = model$QE, q_p = model$QEp, qm = model$QM, qm_p = model$QMp)
  if (interval == "hksj_guarded" && model$s2w < 1) {
    unscaled <- fit(yi, vi, method, "z", mods)
    out$se <- unscaled$se
    margin <- qt((1 + level) / 2, out$df) * out$se
    out$p <- 2 * pt(-abs(out$estimate / out$se), out$df)
    out$ci_low <- out$estimate - margin
    out$ci_high <- out$estimate + margin
    out$qm <- unscaled$QM / unscaled$m
    out$qm_p <- pf(out$qm, model$m, out$df, lower.tail = FALSE)
  }
  out
}

coefficient <- function(model, place) vapply(
  model[c("estimate", "se", "p", "ci_low", "ci_high")], function(one) as.vector(one)[place], 0)
whole <- function(model) unlist(model[c("tau2", "i2", "q", "q_p", "qm", "qm_p")])

# A pooled effect with its prediction interval, which takes k - 2 degrees of freedom beside a Wald interval and k - 1
# beside the others.
pooled <- function(method, interval) {
  model <- inference(yi, vi, method, interval)
  df <- if (interval == "wald") model$k - 2 else model$k - 1
  margin <- if (df < 1) NA else qt((1 + level) / 2, df) * sqrt(model$tau2 + model$se^2)
  c(coefficient(model, 1), tau2 = model$tau2, i2 = model$i2,
    prediction_low = model$estimate - margin, prediction_high = model$estimate + margin)
}

q_profile <- function() {
  model <- fit(yi, vi, "DL", "z")
  largest <- 1e8 * (diff(range(yi))^2 + max(vi))
  found <- confint(model, level = 100 * level, control = list(tol = 1e-15, maxiter = 10000, tau2.max = largest))$random
  found[is.na(found)] <- 0 # both limits lie below 0
  c(tau2_ci_low = found["tau^2", "ci.lb"], tau2_ci_high = found["tau^2", "ci.ub"],
    i2_ci_low = found["I^2(%)", "ci.lb"], i2_ci_high = found["I^2(%)", "ci.ub"], q = model$QE, q_p = model$QEp)
}

# Egger's regression by weighted least squares: the first coefficient is the limit, the second the slope on sei.
egger <- function() {
  found <- coef(summary(regtest(yi, vi, model = "lm", predictor = "sei")$fit))
  df <- length(yi) - 2
  margin <- qt((1 + level) / 2, df) * found[, 2]
  list(estimate = found[, 1], se = found[, 2], p = found[, 4], ci_low = found[, 1] - margin, ci_high = found[, 1] + margin)
}

# What a difference is divided by: the expected number, or where that is smaller, what it is the small difference of.
unit_of <- function(name, expected) {
  floor <- if (name %in% c("estimate", "ci_low", "ci_high", "prediction_low", "prediction_high")) expected[["se"]]
    else if (startsWith(name, "tau2")) median(vi)
    else if (startsWith(name, "i2") || name == "q" || name == "qm") 1
    else if (name == "p" || endsWith(name, "_p")) 1e-12
    else 0
  max(abs(expected[[name]]), floor)
}

compared <- data.frame(what = character(), found = numeric(), expected = numeric(), difference = numeric())
same <- function(what, found, expected) {
  found <- tryCatch(found, error = function(problem) {
    message(what, ": ", conditionMessage(problem))
    NULL
  })
  for (name in names(expected)) {
    value <- if (is.null(found)) NA else found[[name]]
    difference <- abs(value - expected[[name]]) / unit_of(name, expected)
    if (is.na(difference)) difference <- Inf
    compared[nrow(compared) + 1, ] <<- list(paste(what, name), value, expected[[name]], difference)
  }
}

# The pooled effects under every estimator of tau2 and every interval.
# FE, Wald: HR 0.605 (0.587 to 0.625)
same("FE, Wald", pooled("FE", "wald"), c(
  estimate = -0.5020966518, se = 0.01603490013, p = 3.13030813e-215, ci_low = -0.5335244786,
  ci_high = -0.4706688251, tau2 = 0, i2 = 81.41834802))
# FE, Knapp–Hartung: HR 0.605 (0.557 to 0.658)
same("FE, Knapp–Hartung", pooled("FE", "hksj"), c(
  estimate = -0.5020966518, se = 0.03719838614, p = 9.595612656e-08, ci_low = -0.5849798212,
  ci_high = -0.4192134824, tau2 = 0, i2 = 81.41834802))
# FE, guarded Knapp–Hartung: HR 0.605 (0.557 to 0.658)
same("FE, guarded Knapp–Hartung", pooled("FE", "hksj_guarded"), c(
  estimate = -0.5020966518, se = 0.03719838614, p = 9.595612656e-08, ci_low = -0.5849798212,
  ci_high = -0.4192134824, tau2 = 0, i2 = 81.41834802))
# DL, Wald: HR 0.634 (0.569 to 0.706)
same("DL, Wald", pooled("DL", "wald"), c(
  estimate = -0.4558097863, se = 0.0552740411, p = 1.632886661e-16, ci_low = -0.5641449161,
  ci_high = -0.3474746565, tau2 = 0.01794291914, i2 = 81.41834802, prediction_low = -0.7836129757,
  prediction_high = -0.1280065969))
# DL, Knapp–Hartung: HR 0.634 (0.563 to 0.714)
same("DL, Knapp–Hartung", pooled("DL", "hksj"), c(
  estimate = -0.4558097863, se = 0.05307850665, p = 6.297005693e-06, ci_low = -0.5740760692,
  ci_high = -0.3375435034, tau2 = 0.01794291914, i2 = 81.41834802, prediction_low = -0.7768493155,
  prediction_high = -0.1347702572))
# DL, guarded Knapp–Hartung: HR 0.634 (0.560 to 0.717)
same("DL, guarded Knapp–Hartung", pooled("DL", "hksj_guarded"), c(
  estimate = -0.4558097863, se = 0.0552740411, p = 9.018978426e-06, ci_low = -0.5789680248,
  ci_high = -0.3326515478, tau2 = 0.01794291914, i2 = 81.41834802, prediction_low = -0.7786834726,
  prediction_high = -0.1329361))
# PM, Wald: HR 0.635 (0.572 to 0.704)
same("PM, Wald", pooled("PM", "wald"), c(
  estimate = -0.4548771592, se = 0.05297944186, p = 9.01136966e-18, ci_low = -0.5587149572,
  ci_high = -0.3510393613, tau2 = 0.01591041535, i2 = 79.53049638, prediction_low = -0.7643650345,
  prediction_high = -0.145389284))
# PM, Knapp–Hartung: HR 0.635 (0.564 to 0.714)
same("PM, Knapp–Hartung", pooled("PM", "hksj"), c(
  estimate = -0.4548771592, se = 0.05297944186, p = 6.307108852e-06, ci_low = -0.572922712,
  ci_high = -0.3368316065, tau2 = 0.01591041535, i2 = 79.53049638, prediction_low = -0.759710957,
  prediction_high = -0.1500433615))
# PM, guarded Knapp–Hartung: HR 0.635 (0.564 to 0.714)
same("PM, guarded Knapp–Hartung", pooled("PM", "hksj_guarded"), c(
  estimate = -0.4548771592, se = 0.05297944186, p = 6.307108852e-06, ci_low = -0.572922712,
  ci_high = -0.3368316065, tau2 = 0.01591041535, i2 = 79.53049638, prediction_low = -0.759710957,
  prediction_high = -0.1500433615))
# REML, Wald: HR 0.633 (0.563 to 0.711)
same("REML, Wald", pooled("REML", "wald"), c(
  estimate = -0.4576955891, se = 0.0598480487, p = 2.047210633e-14, ci_low = -0.5749956091,
  ci_high = -0.3403955691, tau2 = 0.02237537602, i2 = 84.52983896, prediction_low = -0.8221568746,
  prediction_high = -0.09323430361))
# REML, Knapp–Hartung: HR 0.633 (0.562 to 0.712)
same("REML, Knapp–Hartung", pooled("REML", "hksj"), c(
  estimate = -0.4576955891, se = 0.05326754783, p = 6.26493079e-06, ci_low = -0.576383082,
  ci_high = -0.3390080962, tau2 = 0.02237537602, i2 = 84.52983896, prediction_low = -0.811491539,
  prediction_high = -0.1038996392))
# REML, guarded Knapp–Hartung: HR 0.633 (0.554 to 0.723)
same("REML, guarded Knapp–Hartung", pooled("REML", "hksj_guarded"), c(
  estimate = -0.4576955891, se = 0.0598480487, p = 1.743194015e-05, ci_low = -0.5910453516,
  ci_high = -0.3243458266, tau2 = 0.02237537602, i2 = 84.52983896, prediction_low = -0.8166761072,
  prediction_high = -0.09871507104))
# ML, Wald: HR 0.634 (0.567 to 0.708)
same("ML, Wald", pooled("ML", "wald"), c(
  estimate = -0.4564357312, se = 0.05679208152, p = 9.209413796e-16, ci_low = -0.5677461656,
  ci_high = -0.3451252968, tau2 = 0.01935771583, i2 = 82.53929481, prediction_low = -0.7963850171,
  prediction_high = -0.1164864453))
# ML, Knapp–Hartung: HR 0.634 (0.563 to 0.713)
same("ML, Knapp–Hartung", pooled("ML", "hksj"), c(
  estimate = -0.4564357312, se = 0.05314210064, p = 6.287205836e-06, ci_low = -0.5748437103,
  ci_high = -0.3380277521, tau2 = 0.01935771583, i2 = 82.53929481, prediction_low = -0.7882848214,
  prediction_high = -0.124586641))
# ML, guarded Knapp–Hartung: HR 0.634 (0.558 to 0.719)
same("ML, guarded Knapp–Hartung", pooled("ML", "hksj_guarded"), c(
  estimate = -0.4564357312, se = 0.05679208152, p = 1.130874701e-05, ci_low = -0.5829763745,
  ci_high = -0.3298950879, tau2 = 0.01935771583, i2 = 82.53929481, prediction_low = -0.7912728611,
  prediction_high = -0.1215986013))
# EB, Wald: HR 0.635 (0.572 to 0.704)
same("EB, Wald", pooled("EB", "wald"), c(
  estimate = -0.4548771592, se = 0.05297944186, p = 9.01136966e-18, ci_low = -0.5587149572,
  ci_high = -0.3510393613, tau2 = 0.01591041535, i2 = 79.53049638, prediction_low = -0.7643650345,
  prediction_high = -0.145389284))
# EB, Knapp–Hartung: HR 0.635 (0.564 to 0.714)
same("EB, Knapp–Hartung", pooled("EB", "hksj"), c(
  estimate = -0.4548771592, se = 0.05297944186, p = 6.307108852e-06, ci_low = -0.572922712,
  ci_high = -0.3368316065, tau2 = 0.01591041535, i2 = 79.53049638, prediction_low = -0.759710957,
  prediction_high = -0.1500433615))
# EB, guarded Knapp–Hartung: HR 0.635 (0.564 to 0.714)
same("EB, guarded Knapp–Hartung", pooled("EB", "hksj_guarded"), c(
  estimate = -0.4548771592, se = 0.05297944186, p = 6.307108852e-06, ci_low = -0.572922712,
  ci_high = -0.3368316065, tau2 = 0.01591041535, i2 = 79.53049638, prediction_low = -0.759710957,
  prediction_high = -0.1500433615))
# SJ, Wald: HR 0.633 (0.566 to 0.709)
same("SJ, Wald", pooled("SJ", "wald"), c(
  estimate = -0.4566577471, se = 0.05732926702, p = 1.645228997e-15, ci_low = -0.5690210457,
  ci_high = -0.3442944485, tau2 = 0.01987175273, i2 = 82.91379037, prediction_low = -0.800910187,
  prediction_high = -0.1124053072))
# SJ, Knapp–Hartung: HR 0.633 (0.563 to 0.713)
same("SJ, Knapp–Hartung", pooled("SJ", "hksj"), c(
  estimate = -0.4566577471, se = 0.05316435362, p = 6.283420544e-06, ci_low = -0.5751153089,
  ci_high = -0.3382001852, tau2 = 0.01987175273, i2 = 82.91379037, prediction_low = -0.7923474134,
  prediction_high = -0.1209680808))
# SJ, guarded Knapp–Hartung: HR 0.633 (0.557 to 0.720)
same("SJ, guarded Knapp–Hartung", pooled("SJ", "hksj_guarded"), c(
  estimate = -0.4566577471, se = 0.05732926702, p = 1.222863813e-05, ci_low = -0.5843953143,
  ci_high = -0.3289201799, tau2 = 0.01987175273, i2 = 82.91379037, prediction_low = -0.7957333201,
  prediction_high = -0.1175821741))
# HE, Wald: HR 0.605 (0.587 to 0.625)
same("HE, Wald", pooled("HE", "wald"), c(
  estimate = -0.5020966518, se = 0.01603490013, p = 3.13030813e-215, ci_low = -0.5335244786,
  ci_high = -0.4706688251, tau2 = 0, i2 = 0, prediction_low = -0.538370116,
  prediction_high = -0.4658231876))
# HE, Knapp–Hartung: HR 0.605 (0.557 to 0.658)
same("HE, Knapp–Hartung", pooled("HE", "hksj"), c(
  estimate = -0.5020966518, se = 0.03719838614, p = 9.595612656e-08, ci_low = -0.5849798212,
  ci_high = -0.4192134824, tau2 = 0, i2 = 0, prediction_low = -0.5849798212,
  prediction_high = -0.4192134824))
# HE, guarded Knapp–Hartung: HR 0.605 (0.557 to 0.658)
same("HE, guarded Knapp–Hartung", pooled("HE", "hksj_guarded"), c(
  estimate = -0.5020966518, se = 0.03719838614, p = 9.595612656e-08, ci_low = -0.5849798212,
  ci_high = -0.4192134824, tau2 = 0, i2 = 0, prediction_low = -0.5849798212,
  prediction_high = -0.4192134824))
# HS, Wald: HR 0.636 (0.580 to 0.697)
same("HS, Wald", pooled("HS", "wald"), c(
  estimate = -0.4526151164, se = 0.04671127247, p = 3.337236428e-22, ci_low = -0.5441675281,
  ci_high = -0.3610627047, tau2 = 0.01100890107, i2 = 72.88774317, prediction_low = -0.7124270333,
  prediction_high = -0.1928031996))
# HS, Knapp–Hartung: HR 0.636 (0.566 to 0.715)
same("HS, Knapp–Hartung", pooled("HS", "hksj"), c(
  estimate = -0.4526151164, se = 0.05266683691, p = 6.254945181e-06, ci_low = -0.5699641419,
  ci_high = -0.3352660909, tau2 = 0.01100890107, i2 = 72.88774317, prediction_low = -0.7141980177,
  prediction_high = -0.1910322151))
# HS, guarded Knapp–Hartung: HR 0.636 (0.566 to 0.715)
same("HS, guarded Knapp–Hartung", pooled("HS", "hksj_guarded"), c(
  estimate = -0.4526151164, se = 0.05266683691, p = 6.254945181e-06, ci_low = -0.5699641419,
  ci_high = -0.3352660909, tau2 = 0.01100890107, i2 = 72.88774317, prediction_low = -0.7141980177,
  prediction_high = -0.1910322151))

# Q, and the Q-profile intervals of tau2 and I2.
same("Q-profile", q_profile(), c(
  tau2_ci_low = 0.004853089913, tau2_ci_high = 0.07521500191, i2_ci_low = 54.23597295,
  i2_ci_high = 94.83670294, q = 53.81652831, q_p = 5.249369486e-08))

# Meta-regression on start: 11 studies, intercept, start.
use <- c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
model <- try(inference(yi[use], vi[use], "REML", "hksj", cbind(
  c(1990, 1988, 1998, 1962, 1973, 1996, 1997, 1995, 1993, 1977, 1984))))
same("start, intercept:", coefficient(model, 1), c(
  estimate = 24.95418874, se = 5.179663799, p = 0.000949981446, ci_low = 13.23697517,
  ci_high = 36.6714023))
same("start, start:", coefficient(model, 2), c(
  estimate = -0.01280601263, se = 0.002610334986, p = 0.0008407924147, ci_low = -0.01871100061,
  ci_high = -0.006901024641))
same("start:", whole(model), c(
  tau2 = 0.003042594395, i2 = 41.59627917, q = 14.37932818, q_p = 0.1094571501, qm = 24.06774287,
  qm_p = 0.0008407924147))

# Meta-regression on mid: 11 studies, intercept, mid.
use <- c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
model <- try(inference(yi[use], vi[use], "REML", "hksj", cbind(
  c(1991.5, 1995.5, 2001.5, 1984.5, 1982, 2000.5, 1999.5, 2000, 1998.5, 1986.5, 1994))))
same("mid, intercept:", coefficient(model, 1), c(
  estimate = 31.57982347, se = 14.7598157, p = 0.06106282646, ci_low = -1.809199349,
  ci_high = 64.96884628))
same("mid, mid:", coefficient(model, 2), c(
  estimate = -0.01607719795, se = 0.007407723508, p = 0.0580823443, ci_low = -0.03283463275,
  ci_high = 0.0006802368426))
same("mid:", whole(model), c(
  tau2 = 0.01337447768, i2 = 73.47110101, q = 22.81797234, q_p = 0.006618328449, qm = 4.710328436,
  qm_p = 0.0580823443))

# Meta-regression on end: 11 studies, intercept, end.
use <- c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
model <- try(inference(yi[use], vi[use], "REML", "hksj", cbind(
  c(1993, 2003, 2005, 2007, 1991, 2005, 2002, 2005, 2004, 1996, 2004))))
same("end, intercept:", coefficient(model, 1), c(
  estimate = -17.82707731, se = 19.15517263, p = 0.3763149549, ci_low = -61.15908827,
  ci_high = 25.50493366))
same("end, end:", coefficient(model, 2), c(
  estimate = 0.008680377665, se = 0.009572846736, p = 0.3881607977, ci_low = -0.01297490615,
  ci_high = 0.03033566148))
same("end:", whole(model), c(
  tau2 = 0.02262472358, i2 = 77.43176113, q = 52.77726393, q_p = 3.221321305e-08, qm = 0.8222332406,
  qm_p = 0.3881607977))

# Meta-regression on log_n: 11 studies, intercept, log_n.
use <- c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
model <- try(inference(yi[use], vi[use], "REML", "hksj", cbind(
  c(
  9.68178046900788, 9.1833801903934, 4.99043258677874, 5.78689738136671, 5.97888576490112,
  6.0137151560428, 5.41164605185504, 4.70953020131233, 6.59030104819669, 5.7037824746562,
  6.36475075685191))))
same("log_n, intercept:", coefficient(model, 1), c(
  estimate = -0.2715933372, se = 0.2371537398, p = 0.281657416, ci_low = -0.8080723685,
  ci_high = 0.264885694))
same("log_n, log_n:", coefficient(model, 2), c(
  estimate = -0.02640855514, se = 0.03276612444, p = 0.4410341796, ci_low = -0.1005306782,
  ci_high = 0.04771356796))
same("log_n:", whole(model), c(
  tau2 = 0.02230958754, i2 = 83.45337837, q = 33.30692296, q_p = 0.0001180753669, qm = 0.6495896986,
  qm_p = 0.4410341796))

# Meta-regression on mid + log_n: 11 studies, intercept, mid, log_n.
use <- c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
model <- try(inference(yi[use], vi[use], "REML", "hksj", cbind(
  c(1991.5, 1995.5, 2001.5, 1984.5, 1982, 2000.5, 1999.5, 2000, 1998.5, 1986.5, 1994),
  c(
  9.68178046900788, 9.1833801903934, 4.99043258677874, 5.78689738136671, 5.97888576490112,
  6.0137151560428, 5.41164605185504, 4.70953020131233, 6.59030104819669, 5.7037824746562,
  6.36475075685191))))
same("mid + log_n, intercept:", coefficient(model, 1), c(
  estimate = 30.06996547, se = 15.03148259, p = 0.08045816753, ci_low = -4.592695539,
  ci_high = 64.73262648))
same("mid + log_n, mid:", coefficient(model, 2), c(
  estimate = -0.01523072917, se = 0.00755669851, p = 0.07860187011, ci_low = -0.03265650718,
  ci_high = 0.002195048846))
same("mid + log_n, log_n:", coefficient(model, 3), c(
  estimate = -0.02445779507, se = 0.02717523035, p = 0.3944025854, ci_low = -0.08712398864,
  ci_high = 0.0382083985))
same("mid + log_n:", whole(model), c(
  tau2 = 0.01297643775, i2 = 70.25672414, q = 15.21515508, q_p = 0.05509446982, qm = 2.729076283,
  qm_p = 0.1248585131))

# Egger's test, by weighted least squares: the line at a standard error of 0, and its slope on the standard error.
model <- try(egger())
same("Egger, weighted least squares, limit:", coefficient(model, 1), c(
  estimate = -0.5295703499, se = 0.05416347265, p = 4.314783725e-06, ci_low = -0.6520966375,
  ci_high = -0.4070440623))
same("Egger, weighted least squares, slope:", coefficient(model, 2), c(
  estimate = 0.727639205, se = 1.018459818, p = 0.4930616608, ci_low = -1.576276967,
  ci_high = 3.031555377))

# Egger's test, by meta-regression: the line at a standard error of 0, and its slope on the standard error.
model <- try(inference(yi, vi, "REML", "hksj", sei))
same("Egger, meta-regression, limit:", coefficient(model, 1), c(
  estimate = -0.4206591576, se = 0.08443201635, p = 0.000757134048, ci_low = -0.6116576481,
  ci_high = -0.229660667))
same("Egger, meta-regression, slope:", coefficient(model, 2), c(
  estimate = -0.37636422, se = 0.6388157477, p = 0.5702450267, ci_low = -1.821465839,
  ci_high = 1.068737399))

worst <- compared[which.max(compared$difference), ]
cat(sprintf("%d numbers compared with metafor %s; largest relative difference %.2g (%s)\n",
            nrow(compared), as.character(packageVersion("metafor")), worst$difference, worst$what))
above <- compared[compared$difference > tolerance, ]
if (nrow(above)) {
  print(above, digits = 12, row.names = FALSE)
  stop(nrow(above), " numbers differ by more than the tolerance of ", tolerance)
}

# The forest plot of the primary analysis:
# forest(rma(yi, sei = sei, slab = study, method = "REML", test = "knha"), addpred = TRUE, atransf = exp)
