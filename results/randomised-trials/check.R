# Local treatment of the primary tumour in women with breast cancer and metastases at diagnosis, the randomised trials
# Source: A table made for this re-analysis from the abstracts of Badwe R et al. Lancet Oncol 2015;16:1380; Soran A et al. Ann
# Surg Oncol 2018;25:3141; Soran A et al. J Am Coll Surg 2021;233:742; Khan SA et al. J Clin Oncol 2022;40:978; Fitzal
# F et al. Ann Surg 2019;269:1163; Shien T et al. ASCO annual meeting 2023, abstract 523. No one publication prints
# the table; judgements.csv says which paper a row is from
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
study <- c("Tata", "MF07-01 2018", "E2108", "POSYTIVE", "JCOG1017")
yi <- c(0.0392207131532813, -0.415515443961666, 0.104360015324243, 0.369615455214467, -0.154317360384357)
sei <- c(0.128418340655531, 0.149369202951192, 0.18760370633278, 0.335377166148928, 0.135697093829624)
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
# FE, Wald: HR 0.911 (0.792 to 1.047)
same("FE, Wald", pooled("FE", "wald"), c(
  estimate = -0.09323936265, se = 0.07123443207, p = 0.1905653041, ci_low = -0.232856284,
  ci_high = 0.04637755866, tau2 = 0, i2 = 55.23608254))
# FE, Knapp–Hartung: HR 0.911 (0.678 to 1.224)
same("FE, Knapp–Hartung", pooled("FE", "hksj"), c(
  estimate = -0.09323936265, se = 0.1064696737, p = 0.4306123479, ci_low = -0.388846567,
  ci_high = 0.2023678417, tau2 = 0, i2 = 55.23608254))
# FE, guarded Knapp–Hartung: HR 0.911 (0.678 to 1.224)
same("FE, guarded Knapp–Hartung", pooled("FE", "hksj_guarded"), c(
  estimate = -0.09323936265, se = 0.1064696737, p = 0.4306123479, ci_low = -0.388846567,
  ci_high = 0.2023678417, tau2 = 0, i2 = 55.23608254))
# DL, Wald: HR 0.931 (0.747 to 1.161)
same("DL, Wald", pooled("DL", "wald"), c(
  estimate = -0.07118527605, se = 0.1124908751, p = 0.5268581591, ci_low = -0.2916633399,
  ci_high = 0.1492927878, tau2 = 0.03318065698, i2 = 55.23608254, prediction_low = -0.7525176276,
  prediction_high = 0.6101470755))
# DL, Knapp–Hartung: HR 0.931 (0.674 to 1.287)
same("DL, Knapp–Hartung", pooled("DL", "hksj"), c(
  estimate = -0.07118527605, se = 0.1166412107, p = 0.5746399132, ci_low = -0.3950331945,
  ci_high = 0.2526626424, tau2 = 0.03318065698, i2 = 55.23608254, prediction_low = -0.6717312445,
  prediction_high = 0.5293606924))
# DL, guarded Knapp–Hartung: HR 0.931 (0.674 to 1.287)
same("DL, guarded Knapp–Hartung", pooled("DL", "hksj_guarded"), c(
  estimate = -0.07118527605, se = 0.1166412107, p = 0.5746399132, ci_low = -0.3950331945,
  ci_high = 0.2526626424, tau2 = 0.03318065698, i2 = 55.23608254, prediction_low = -0.6717312445,
  prediction_high = 0.5293606924))
# PM, Wald: HR 0.934 (0.742 to 1.175)
same("PM, Wald", pooled("PM", "wald"), c(
  estimate = -0.06863252344, se = 0.1174863763, p = 0.55910304, ci_low = -0.2989015897,
  ci_high = 0.1616365428, tau2 = 0.03845139788, i2 = 58.84695029, prediction_low = -0.7961152919,
  prediction_high = 0.658850245))
# PM, Knapp–Hartung: HR 0.934 (0.674 to 1.294)
same("PM, Knapp–Hartung", pooled("PM", "hksj"), c(
  estimate = -0.06863252344, se = 0.1174863763, p = 0.59046186, ci_low = -0.3948269979,
  ci_high = 0.257561951, tau2 = 0.03845139788, i2 = 58.84695029, prediction_low = -0.7033065377,
  prediction_high = 0.5660414908))
# PM, guarded Knapp–Hartung: HR 0.934 (0.674 to 1.294)
same("PM, guarded Knapp–Hartung", pooled("PM", "hksj_guarded"), c(
  estimate = -0.06863252344, se = 0.1174863763, p = 0.59046186, ci_low = -0.3948269979,
  ci_high = 0.257561951, tau2 = 0.03845139788, i2 = 58.84695029, prediction_low = -0.7033065377,
  prediction_high = 0.5660414908))
# REML, Wald: HR 0.931 (0.747 to 1.161)
same("REML, Wald", pooled("REML", "wald"), c(
  estimate = -0.07115314336, se = 0.1125526766, p = 0.5272716314, ci_low = -0.2917523358,
  ci_high = 0.1494460491, tau2 = 0.03324420979, i2 = 55.2833913, prediction_low = -0.7530609771,
  prediction_high = 0.6107546904))
# REML, Knapp–Hartung: HR 0.931 (0.674 to 1.288)
same("REML, Knapp–Hartung", pooled("REML", "hksj"), c(
  estimate = -0.07115314336, se = 0.1166520523, p = 0.5748393563, ci_low = -0.3950311631,
  ci_high = 0.2527248764, tau2 = 0.03324420979, i2 = 55.2833913, prediction_low = -0.6721230792,
  prediction_high = 0.5298167925))
# REML, guarded Knapp–Hartung: HR 0.931 (0.674 to 1.288)
same("REML, guarded Knapp–Hartung", pooled("REML", "hksj_guarded"), c(
  estimate = -0.07115314336, se = 0.1166520523, p = 0.5748393563, ci_low = -0.3950311631,
  ci_high = 0.2527248764, tau2 = 0.03324420979, i2 = 55.2833913, prediction_low = -0.6721230792,
  prediction_high = 0.5298167925))
# ML, Wald: HR 0.924 (0.763 to 1.117)
same("ML, Wald", pooled("ML", "wald"), c(
  estimate = -0.07950037802, se = 0.09717098319, p = 0.413271905, ci_low = -0.2699520054,
  ci_high = 0.1109512494, tau2 = 0.01870562628, i2 = 41.02507889, prediction_low = -0.6134293852,
  prediction_high = 0.4544286292))
# ML, Knapp–Hartung: HR 0.924 (0.674 to 1.266)
same("ML, Knapp–Hartung", pooled("ML", "hksj"), c(
  estimate = -0.07950037802, se = 0.1136181608, p = 0.5226600708, ci_low = -0.3949549644,
  ci_high = 0.2359542084, tau2 = 0.01870562628, i2 = 41.02507889, prediction_low = -0.5731669395,
  prediction_high = 0.4141661835))
# ML, guarded Knapp–Hartung: HR 0.924 (0.674 to 1.266)
same("ML, guarded Knapp–Hartung", pooled("ML", "hksj_guarded"), c(
  estimate = -0.07950037802, se = 0.1136181608, p = 0.5226600708, ci_low = -0.3949549644,
  ci_high = 0.2359542084, tau2 = 0.01870562628, i2 = 41.02507889, prediction_low = -0.5731669395,
  prediction_high = 0.4141661835))
# EB, Wald: HR 0.934 (0.742 to 1.175)
same("EB, Wald", pooled("EB", "wald"), c(
  estimate = -0.06863252344, se = 0.1174863763, p = 0.55910304, ci_low = -0.2989015897,
  ci_high = 0.1616365428, tau2 = 0.03845139788, i2 = 58.84695029, prediction_low = -0.7961152919,
  prediction_high = 0.658850245))
# EB, Knapp–Hartung: HR 0.934 (0.674 to 1.294)
same("EB, Knapp–Hartung", pooled("EB", "hksj"), c(
  estimate = -0.06863252344, se = 0.1174863763, p = 0.59046186, ci_low = -0.3948269979,
  ci_high = 0.257561951, tau2 = 0.03845139788, i2 = 58.84695029, prediction_low = -0.7033065377,
  prediction_high = 0.5660414908))
# EB, guarded Knapp–Hartung: HR 0.934 (0.674 to 1.294)
same("EB, guarded Knapp–Hartung", pooled("EB", "hksj_guarded"), c(
  estimate = -0.06863252344, se = 0.1174863763, p = 0.59046186, ci_low = -0.3948269979,
  ci_high = 0.257561951, tau2 = 0.03845139788, i2 = 58.84695029, prediction_low = -0.7033065377,
  prediction_high = 0.5660414908))
# SJ, Wald: HR 0.938 (0.731 to 1.204)
same("SJ, Wald", pooled("SJ", "wald"), c(
  estimate = -0.06388587086, se = 0.1273243118, p = 0.6158384299, ci_low = -0.3134369364,
  ci_high = 0.1856651947, tau2 = 0.04962192772, i2 = 64.85518467, prediction_low = -0.8804386366,
  prediction_high = 0.7526668949))
# SJ, Knapp–Hartung: HR 0.938 (0.674 to 1.305)
same("SJ, Knapp–Hartung", pooled("SJ", "hksj"), c(
  estimate = -0.06388587086, se = 0.1189802995, p = 0.6197804394, ci_low = -0.3942281412,
  ci_high = 0.2664563994, tau2 = 0.04962192772, i2 = 64.85518467, prediction_low = -0.7650591453,
  prediction_high = 0.6372874035))
# SJ, guarded Knapp–Hartung: HR 0.938 (0.659 to 1.336)
same("SJ, guarded Knapp–Hartung", pooled("SJ", "hksj_guarded"), c(
  estimate = -0.06388587086, se = 0.1273243118, p = 0.6421980896, ci_low = -0.4173948332,
  ci_high = 0.2896230915, tau2 = 0.04962192772, i2 = 64.85518467, prediction_low = -0.7762667603,
  prediction_high = 0.6484950186))
# HE, Wald: HR 0.936 (0.735 to 1.193)
same("HE, Wald", pooled("HE", "wald"), c(
  estimate = -0.06565015843, se = 0.1235737141, p = 0.5952364496, ci_low = -0.3078501874,
  ci_high = 0.1765498706, tau2 = 0.0452397382, i2 = 62.71998599, prediction_low = -0.8484944385,
  prediction_high = 0.7171941217))
# HE, Knapp–Hartung: HR 0.936 (0.674 to 1.301)
same("HE, Knapp–Hartung", pooled("HE", "hksj"), c(
  estimate = -0.06565015843, se = 0.1184358687, p = 0.6088965138, ci_low = -0.3944808464,
  ci_high = 0.2631805295, tau2 = 0.0452397382, i2 = 62.71998599, prediction_low = -0.7415693937,
  prediction_high = 0.6102690768))
# HE, guarded Knapp–Hartung: HR 0.936 (0.664 to 1.320)
same("HE, guarded Knapp–Hartung", pooled("HE", "hksj_guarded"), c(
  estimate = -0.06565015843, se = 0.1235737141, p = 0.6233676207, ci_low = -0.408745792,
  ci_high = 0.2774454751, tau2 = 0.0452397382, i2 = 62.71998599, prediction_low = -0.7486229288,
  prediction_high = 0.6173226119))
# HS, Wald: HR 0.924 (0.762 to 1.121)
same("HS, Wald", pooled("HS", "wald"), c(
  estimate = -0.07868687962, se = 0.09862662904, p = 0.4249715259, ci_low = -0.2719915205,
  ci_high = 0.1146177612, tau2 = 0.0199714441, i2 = 42.61810631, prediction_low = -0.6271273356,
  prediction_high = 0.4697535764))
# HS, Knapp–Hartung: HR 0.924 (0.674 to 1.268)
same("HS, Knapp–Hartung", pooled("HS", "hksj"), c(
  estimate = -0.07868687962, se = 0.1139366201, p = 0.5277894043, ci_low = -0.3950256507,
  ci_high = 0.2376518915, tau2 = 0.0199714441, i2 = 42.61810631, prediction_low = -0.5826938628,
  prediction_high = 0.4253201036))
# HS, guarded Knapp–Hartung: HR 0.924 (0.674 to 1.268)
same("HS, guarded Knapp–Hartung", pooled("HS", "hksj_guarded"), c(
  estimate = -0.07868687962, se = 0.1139366201, p = 0.5277894043, ci_low = -0.3950256507,
  ci_high = 0.2376518915, tau2 = 0.0199714441, i2 = 42.61810631, prediction_low = -0.5826938628,
  prediction_high = 0.4253201036))

# Q, and the Q-profile intervals of tau2 and I2.
same("Q-profile", q_profile(), c(
  tau2_ci_low = 0, tau2_ci_high = 0.6531576176, i2_ci_low = 0, i2_ci_high = 96.04587042,
  q = 8.93576842, q_p = 0.06272517057))

# Meta-regression on log_n: 5 studies, intercept, log_n.
use <- c(1, 2, 3, 4, 5)
model <- try(inference(yi[use], vi[use], "REML", "hksj", cbind(
  c(5.85793315448346, 5.61312810638807, 5.54517744447956, 4.49980967033027, 6.00881318544259))))
same("log_n, intercept:", coefficient(model, 1), c(
  estimate = 1.593260112, se = 1.622256446, p = 0.3984593362, ci_low = -3.56948392,
  ci_high = 6.756004144))
same("log_n, log_n:", coefficient(model, 2), c(
  estimate = -0.2937997816, se = 0.2861617626, p = 0.3801120948, ci_low = -1.204494226,
  ci_high = 0.6168946626))
same("log_n:", whole(model), c(
  tau2 = 0.03990737425, i2 = 62.70625892, q = 8.018407465, q_p = 0.04563280677, qm = 1.05409495,
  qm_p = 0.3801120948))

# Egger's test, by weighted least squares: the line at a standard error of 0, and its slope on the standard error.
model <- try(egger())
same("Egger, weighted least squares, limit:", coefficient(model, 1), c(
  estimate = -0.4355884262, se = 0.3935579449, p = 0.3491553568, ci_low = -1.688065454,
  ci_high = 0.8168886016))
same("Egger, weighted least squares, slope:", coefficient(model, 2), c(estimate = 2.236711461, se = 2.470777944, p = 0.4320569, ci_low = -5.626406677, ci_high = 10.0998296))

# Egger's test, by meta-regression: the line at a standard error of 0, and its slope on the standard error.
model <- try(inference(yi, vi, "REML", "hksj", sei))
same("Egger, meta-regression, limit:", coefficient(model, 1), c(
  estimate = -0.4798381307, se = 0.3292069618, p = 0.2410222407, ci_low = -1.52752161,
  ci_high = 0.5678453485))
same("Egger, meta-regression, slope:", coefficient(model, 2), c(
  estimate = 2.493385277, se = 1.90554684, p = 0.2819264702, ci_low = -3.570915224,
  ci_high = 8.557685779))

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
