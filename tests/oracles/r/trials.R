# trials.json: the randomised trials of data/raw/randomised-trials, typed from print here, and pools set side by side.

of_interval <- function(ratio, lower, upper, level) c(
  yi = log(ratio), vi = ((log(upper) - log(lower)) / 2 / qnorm((1 + level) / 2))^2)

printed_trials <- function() rbind(
  Tata = of_interval(1.04, 0.81, 1.34, 0.95),
  `MF07-01 2018` = of_interval(0.66, 0.49, 0.88, 0.95),
  E2108 = of_interval(1.11, 0.82, 1.52, 0.90),
  POSYTIVE = of_interval(1 / 0.691, 1 / 1.333, 1 / 0.358, 0.95),
  JCOG1017 = of_interval(0.857, 0.686, 1.072, 0.90))

pool_of <- function(rows, method = "REML", test = "z") {
  model <- fit(rows[, "yi"], rows[, "vi"], method = method, test = test)
  list(k = model$k, estimate = c(model$beta), se = model$se, ci_low = model$ci.lb, ci_high = model$ci.ub,
       tau2 = model$tau2)
}

# Two pools with normal errors: the slope between them in a common-effect model.
apart_wald <- function(one, other) {
  model <- rma(c(one$estimate, other$estimate), sei = c(one$se, other$se), mods = c(0, 1), method = "FE")
  list(estimate = model$beta[2], se = model$se[2], p = model$pval[2], ci_low = model$ci.lb[2],
       ci_high = model$ci.ub[2])
}

# Two pools with errors of t: Welch's test of samples made to have these means, standard errors and sizes.
apart_t <- function(one, other) {
  sample_of <- function(pool) c(scale(seq_len(pool$k))) * pool$se * sqrt(pool$k) + pool$estimate
  test <- t.test(sample_of(other), sample_of(one))
  list(estimate = unname(test$estimate[1] - test$estimate[2]), se = test$stderr, df = unname(test$parameter),
       p = test$p.value, ci_low = test$conf.int[1], ci_high = test$conf.int[2])
}

make_trials <- function(le_scodan) {
  trials <- printed_trials()
  four <- trials[1:4, ]
  turned <- four
  turned["POSYTIVE", "yi"] <- -turned["POSYTIVE", "yi"]
  ours <- as.matrix(le_scodan[c("yi", "vi")])
  list(
    source = source_block(
      "rma(yi, vi, method, test); rma(c(ours, theirs), sei, mods = c(0, 1), method = 'FE'); t.test(theirs, ours)",
      "le-scodan-2010.json and the trials; t.test of samples with the pools' means and standard errors, of k each"),
    pools = list(four = pool_of(four), five = pool_of(trials), four_turned = pool_of(turned),
                 five_knha = pool_of(trials, test = "knha"), cochrane = pool_of(trials[1:2, ], "DL")),
    comparisons = list(wald = apart_wald(pool_of(ours), pool_of(trials)),
                       hksj = apart_t(pool_of(ours, test = "knha"), pool_of(trials, test = "knha"))))
}
