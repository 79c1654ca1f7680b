# Scenarios of the shipped review, pooled by metafor from the printed digits alone. Run: Rscript scenarios.R > scenarios.json
library(metafor)
z <- qnorm(0.975)
ci <- function(name, est, low, high) data.frame(name, yi = log(est), sei = (log(high) - log(low)) / (2 * z))
p <- function(name, est, p) data.frame(name, yi = log(est), sei = abs(log(est)) / qnorm(1 - p / 2))
d <- rbind(
  ci("Khan", 0.61, 0.58, 0.65), ci("Gnerlich", 0.57, 0.55, 0.60), p("Bafford", 0.47, 0.003),
  ci("Shien", 0.89, 0.79, 1), ci("Blanchard", 0.609, 0.489, 0.757), ci("Fields", 0.53, 0.42, 0.67),
  ci("Babiera", 0.5, 0.21, 1.19), p("Hazard", 0.798, 0.52), ci("Ruiterkamp", 0.62, 0.51, 0.76),
  ci("Rapiti", 0.6, 0.4, 1.0), ci("Le Scodan", 0.7, 0.58, 0.85))
n <- c(16023, 9734, 147, 326, 395, 409, 224, 111, 728, 300, 581)
fit <- function(d) {
  m <- rma(yi, sei = sei, data = d, test = "knha", control = list(threshold = 1e-14, maxiter = 1000))
  c(k = m$k, estimate = m$beta[1], ci_low = m$ci.lb, ci_high = m$ci.ub, tau2 = m$tau2)
}
swap <- function(name, row) { d[d$name == name, ] <- row; d }
# Woman for woman: a standard error that falls with the root of the number, at the geometric mean of the others' product.
constant <- exp(mean(log(d$sei^2 * n)))
none <- rbind(d, data.frame(name = c("Cady", "Leung"), yi = 0, sei = sqrt(constant / c(622, 157))))
khan <- ci("Khan", 0.61, 0.58, 0.65); gnerlich <- ci("Gnerlich", 0.57, 0.55, 0.60)
# Khan and Gnerlich as one estimate, at a correlation of one half.
S <- diag(c(khan$sei, gnerlich$sei)); V <- S %*% matrix(c(1, .5, .5, 1), 2) %*% S
w <- solve(V, c(1, 1)); w <- pmax(0, w) / sum(pmax(0, w))
both <- data.frame(name = "both", yi = sum(w * c(khan$yi, gnerlich$yi)), sei = sqrt(c(t(w) %*% V %*% w)))
made <- list(
  "primary analysis" = fit(d),
  "corrected" = fit(swap("Gnerlich", ci("Gnerlich", 0.63, 0.60, 0.66))),
  "without impossible rows" = fit(d[!d$name %in% c("Shien", "Fields"), ]),
  "surgery only" = fit(d[d$name != "Le Scodan", ]),
  "without p values" = fit(d[!d$name %in% c("Bafford", "Hazard"), ]),
  "without registries" = fit(d[!d$name %in% c("Khan", "Gnerlich", "Ruiterkamp", "Rapiti"), ]),
  "without Gnerlich" = fit(d[d$name != "Gnerlich", ]),
  "Khan R1" = fit(swap("Khan", ci("Khan", 0.751, 0.71, 0.793))),
  "no effect where none is printed" = fit(none),
  "cluster averaged" = fit(rbind(both, d[!d$name %in% c("Khan", "Gnerlich"), ])))
cat("{\n \"made_with\": \"R ", paste(R.version$major, R.version$minor, sep = "."), ", metafor ",
    as.character(packageVersion("metafor")), ", tests/oracles/scenarios.R\",\n \"scenarios\": {\n", sep = "")
cat(paste0("  \"", names(made), "\": {", sapply(made, function(m)
  paste0("\"", names(m), "\": ", format(m, digits = 15, trim = TRUE, scientific = FALSE), collapse = ", ")), "}", collapse = ",\n"), "\n }\n}\n", sep = "")
