# confounding.json: what the sensitivity analysis of Mathur & VanderWeele (2020) needs of a REML fit, and its formulas
# with R's own normal distribution; calibrated estimates as conditional expectations scaled to the spread.

confounding_of <- function(rows, q, r, biases) {
  model <- fit(rows$yi, rows$vi, method = "REML")
  knapp <- fit(rows$yi, rows$vi, method = "REML", test = "knha")
  m <- c(model$beta)
  t2 <- model$tau2
  # The empirical Bayes estimate m + tau2 / (tau2 + vi) (yi - m), spread by sqrt((tau2 + vi) / tau2).
  calibrated <- m + (blup(model)$pred - m) * sqrt((t2 + rows$vi) / t2)
  z <- (q - m - biases) / sqrt(t2)
  half <- (q - m - biases) / sqrt(t2 / 2)
  bias_factor <- exp(q - m - qnorm(r) * sqrt(t2))
  gradient <- function(f, at) sapply(1:2, function(i) {
    h <- 1e-5 * abs(at[i])
    d <- c(0, 0); d[i] <- h
    (f(at - 2 * d) - 8 * f(at - d) + 8 * f(at + d) - f(at + 2 * d)) / (12 * h)
  })
  delta <- function(f) sqrt(sum(gradient(f, c(m, t2))^2 * c(knapp$se^2, model$se.tau2^2)))
  list(threshold = q, share = r, bias_factors = exp(biases),
       estimate = m, se = knapp$se, tau2 = t2, tau2_se = model$se.tau2,
       proportion = pnorm(z),
       proportion_se = sapply(biases, function(b) delta(function(x) pnorm((q - x[1] - b) / sqrt(x[2])))),
       varying = pnorm(half),
       bias_factor = bias_factor,
       bias_factor_se = delta(function(x) exp(q - x[1] - qnorm(r) * sqrt(x[2]))),
       confounding = bias_factor + sqrt(bias_factor * (bias_factor - 1)),
       confounding_se = delta(function(x) {
         t <- exp(q - x[1] - qnorm(r) * sqrt(x[2]))
         t + sqrt(t * (t - 1))
       }),
       calibrated = calibrated)
}

# The risk ratio of a hazard ratio of a common outcome (VanderWeele 2020), on the logarithmic scale, with its standard
# error by the delta method, the derivative by central differences of fourth order.
common_hazard <- function(y) log((1 - 0.5^sqrt(exp(y))) / (1 - 0.5^sqrt(exp(-y))))

as_common <- function(rows) {
  h <- 1e-3
  f <- common_hazard
  slope <- (f(rows$yi - 2 * h) - 8 * f(rows$yi - h) + 8 * f(rows$yi + h) - f(rows$yi + 2 * h)) / (12 * h)
  data.frame(yi = f(rows$yi), vi = slope^2 * rows$vi)
}

make_confounding <- function(bcg, le_scodan) list(
  source = source_block(
    "rma(yi, vi, method = \"REML\"), with test = \"knha\" for se; blup(); pnorm, qnorm; deltas by central differences",
    "Standard errors by the delta method have the gradient by central differences of fourth order: some ten digits."),
  `le-scodan-2010` = confounding_of(le_scodan, log(0.9), 0.1, log(c(1, 1.2, 1.5, 2))),
  `le-scodan-2010, common` = confounding_of(as_common(le_scodan), common_hazard(log(0.9)), 0.1, log(c(1, 1.2, 1.5, 2))),
  bcg = confounding_of(bcg, log(0.7), 0.2, log(c(1, 1.2, 1.5, 2))))
