# small-study.json: tests of asymmetry, PET and PEESE, fail-safe numbers, excess significance, power of Egger's test.

line_of <- function(model) {
  rows <- coef(summary(model))
  bounds <- confint(model)
  list(estimate = many(rows[, 1]), se = many(rows[, 2]), stat = many(rows[, 3]), p = many(rows[, 4]),
       ci_low = many(bounds[, 1]), ci_high = many(bounds[, 2]), df = model$df.residual,
       dispersion = summary(model)$sigma^2)
}

meta_line_of <- function(rows, test) {
  model <- fit(rows$yi, rows$vi, mods = cbind(sei = sqrt(rows$vi)), test = test)
  list(estimate = many(model$beta), se = many(model$se), stat = many(model$zval), p = many(model$pval),
       ci_low = many(model$ci.lb), ci_high = many(model$ci.ub), tau2 = clean_tau2(model),
       threshold = model$control$threshold)
}

# tes() against a common effect, or against a mean with tau2, its integral over true effects tightened: it still leaves
# out what lies more than five tau from the mean, 6e-7 of all.
excess_of <- function(rows, theta, tau2) {
  one <- function(test) suppressWarnings(tes(rows$yi, vi = rows$vi, theta = theta, tau2 = tau2, test = test,
    progbar = FALSE, rel.tol = 1e-12, subdivisions = 2000L, find.lim = FALSE))
  chi2 <- one("chi2")
  list(theta = theta, tau2 = tau2, observed = chi2$O, expected = chi2$E, chi2 = chi2$X2, p_chi2 = chi2$pval,
       p_binomial = one("binom")$pval, p_exact = if (nrow(rows) <= 13) one("exact")$pval else NA,
       power = many(chi2$power))
}

# The power of the weighted regression where errors are normal and tau2 is 0: a noncentral t.
power_of <- function(sei, biases = c(0, 1, 2), alpha = 0.10) {
  X <- cbind(1, sei)
  size <- biases / sqrt(solve(crossprod(X / sei))[2, 2])
  df <- length(sei) - 2
  limit <- qt(alpha / 2, df, lower.tail = FALSE)
  reach <- qnorm(alpha / 2, lower.tail = FALSE)
  list(bias = many(biases),
       t = many(pt(limit, df, size, lower.tail = FALSE) + pt(-limit, df, size)),
       z = many(pnorm(size - reach) + pnorm(-size - reach)))
}

small_study_of <- function(rows) {
  rows$sei <- sqrt(rows$vi)
  mean_model <- fit(rows$yi, rows$vi)
  common <- fit(rows$yi, rows$vi, method = "FE")
  number <- function(...) fsn(rows$yi, vi = rows$vi, ...)$fsnum
  rank <- suppressWarnings(ranktest(rows$yi, vi = rows$vi))
  list(data = rows[c("yi", "vi")],
       egger = line_of(lm(yi ~ sei, weights = 1 / vi, data = rows)),
       peese = line_of(lm(yi ~ vi, weights = 1 / vi, data = rows)),
       regtest_lm = with(regtest(rows$yi, vi = rows$vi, model = "lm"), list(stat = zval, p = pval, limit = unname(est))),
       mixed_wald = meta_line_of(rows, "z"), mixed_hksj = meta_line_of(rows, "knha"),
       begg = list(tau = unname(rank$tau), p = rank$pval),
       fail_safe = list(
         rosenthal = number(), rosenberg = number(type = "Rosenberg"),
         orwin_half = number(type = "Orwin"), orwin = number(type = "Orwin", target = log(0.9)),
         orwin_weighted = number(type = "Orwin", target = log(0.9), weighted = TRUE)),
       excess = list(common = excess_of(rows, c(common$beta), 0),
                     random = excess_of(rows, c(mean_model$beta), mean_model$tau2)),
       power = power_of(rows$sei))
}

make_small_study <- function(bcg, le_scodan) {
  circular <- le_scodan$study %in% c("Bafford", "Hazard")
  tied <- data.frame(yi = c(0.1, 0.3, 0.3, 0.6, 0.2, 0.1), vi = c(0.02, 0.05, 0.05, 0.1, 0.02, 0.04))
  sets <- c(list(`le-scodan-2010` = le_scodan, `without-circular` = le_scodan[!circular, ], bcg = bcg, tied = tied),
            lapply(examples()[c("hackshaw1998", "hart1999", "li2007")], `[[`, "rows"))
  c(list(source = source_block(
      "lm(weights = 1/vi), regtest, rma(mods = ~ sei), ranktest, fsn, tes; power: pt(ncp), pnorm",
      "Row order of lines: intercept, slope. power: two-sided at 0.10, tau2 = 0, t by lm, z by a known dispersion of 1.")),
    lapply(sets, small_study_of))
}
