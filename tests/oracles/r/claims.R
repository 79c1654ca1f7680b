# claims.json: the numbers that decide what follows from the table of Le Scodan 2010, by metafor and base R.

# Log effect and variance of a printed ratio with its 95 % interval.
printed <- function(ratio, low, high) c(log(ratio), ((log(high) - log(low)) / (2 * qnorm(0.975)))^2)

wald_p <- function(one) rma(one[1], one[2], method = "FE")$pval

make_claims <- function(le_scodan) {
  pool <- predict(fit(le_scodan$yi, le_scodan$vi, test = "knha"))
  early <- printed(0.45, 0.32, 0.65)
  late <- printed(0.76, 0.61, 0.96)
  split <- rma(c(early[1], late[1]), c(early[2], late[2]), mods = 0:1, method = "FE")
  list(
    source = source_block(
      "predict(rma(yi, vi, test = \"knha\")); rma(yi, vi, mods = 0:1, method = \"FE\"); prop.test(correct = FALSE)",
      "reductions are 100 (1 - HR); shares: 21 % of 127 and 5 % of 173 women; survival: log(0.434) / log(0.267)."),
    `common-reduction` = list(
      pooled_reduction = 100 * (1 - exp(pool$pred)), low = 100 * (1 - exp(pool$ci.ub)), high = 100 * (1 - exp(pool$ci.lb))),
    `constant-reduction` = list(
      next_low = 100 * (1 - exp(pool$pi.ub)), next_high = 100 * (1 - exp(pool$pi.lb)),
      i2 = fit(le_scodan$yi, le_scodan$vi)$I2),
    `not-only-selection` = list(z = split$zval[2], p = split$pval[2]),
    `period-p-values` = list(early = wald_p(early), late = wald_p(late)),
    `le-scodan-hr` = list(p_found = wald_p(printed(0.7, 0.58, 0.85))),
    `md-anderson` = list(
      p_survival = wald_p(printed(0.5, 0.21, 1.19)), p_progression = wald_p(printed(0.54, 0.38, 0.77))),
    `rapiti-resection` = list(p = wald_p(printed(0.6, 0.4, 1))),
    `le-scodan-survival` = list(crude = log(0.434) / log(0.267)),
    `rapiti-more-radiotherapy` = list(
      p = suppressWarnings(prop.test(c(0.21 * 127, 0.05 * 173), c(127, 173), correct = FALSE))$p.value))
}
