# selection.json: trim-and-fill and step-function selection models; by formula, limit meta-analysis.

# Newton's steps on metafor's own log likelihood from where selmodel() stops, with numerical derivatives, until the
# parameters stand still; tau2 = 0 stays where the likelihood falls from it. `held` are parameters that do not move.
polished <- function(model, steps, alternative, start, held = rep(FALSE, length(start))) {
  cuts <- c(steps, 1)
  pvals <- pnorm(c(model$yi) / sqrt(model$vi), lower.tail = alternative == "less")
  group <- sapply(pvals, function(p) which(p <= cuts)[1])
  # Parameters: the mean, tau2, and the logarithms of all weights but the first.
  height <- function(x) {
    n <- length(cuts)
    -metafor:::.selmodel.ll.stepfun(
      c(x[1], x[2], 1, exp(x[-(1:2)])), yi = c(model$yi), vi = model$vi, X = model$X, preci = rep(1, model$k),
      k = model$k, pX = 1, pvals = pvals, deltas = n, delta.val = rep(NA, n), delta.transf = FALSE,
      mapfun = NULL, delta.min = NULL, delta.max = NULL, tau2.val = NA, tau2.transf = FALSE, tau2.max = Inf,
      beta.val = NA, wi.fun = NULL, steps = cuts, pgrp = group, alternative = alternative, pval.min = 0,
      intCtrl = NULL, verbose = FALSE, digits = NULL)
  }
  if (start[2] < 1e-6) start[2] <- 0
  x <- start
  for (step in 1:50) {
    free <- !held
    if (x[2] == 0) free[2] <- FALSE
    inner <- function(part) { y <- x; y[free] <- part; height(y) }
    size <- min(1e-4, if (free[2]) x[2] / 20 else 1)
    gradient <- numDeriv::grad(inner, x[free], method.args = list(r = 6))
    hessian <- numDeriv::hessian(inner, x[free], method.args = list(r = 6))
    move <- -solve(hessian, gradient)
    if (free[2] && x[2] + move[sum(free[1:2])] < 0) move <- move * x[2] / 2 / -move[sum(free[1:2])]
    x[free] <- x[free] + move
    if (max(abs(move)) < 1e-11) break
  }
  list(x = x, loglik = height(x), height = height, hessian = hessian, free = free)
}

selection_of <- function(rows, steps, alternative) {
  model <- fit(rows$yi, rows$vi, method = "ML")
  found <- selmodel(model, type = "stepfun", alternative = alternative, steps = steps,
                    control = list(optimizer = "nlminb", rel.tol = 1e-10, eval.max = 1e5, iter.max = 1e5))
  best <- polished(model, steps, alternative, c(found$beta, found$tau2, log(found$delta[-1])))
  se <- rep(NA, length(best$x))
  se[best$free] <- sqrt(diag(solve(-best$hessian)))
  list(steps = many(steps), alternative = alternative, counts = many(found$ptable$k), estimate = best$x[1],
       tau2 = best$x[2], weights = many(exp(best$x[-(1:2)])), se = se[1], log_weight_se = many(se[-(1:2)]),
       loglik = best$loglik, loglik_without = model$fit.stats["ll", "ML"],
       metafor = list(estimate = c(found$beta), tau2 = found$tau2, loglik = found$fit.stats["ll", "ML"],
                      lrt = found$LRT, lrt_p = found$LRTp))
}

# Ends of the profile-likelihood interval of one parameter, from a bracket; by metafor's likelihood, polished.
profile_end <- function(rows, steps, alternative, place, inner, outer) {
  model <- fit(rows$yi, rows$vi, method = "ML")
  found <- selmodel(model, type = "stepfun", alternative = alternative, steps = steps)
  best <- polished(model, steps, alternative, c(found$beta, found$tau2, log(found$delta[-1])))
  held <- seq_along(best$x) == place
  below <- function(value) {
    start <- best$x
    start[place] <- value
    rough <- stats::optim(start[!held], function(part) {
      y <- start; y[!held] <- part; if (y[2] < 0 && place != 2) return(1e10); -best$height(y)
    }, control = list(reltol = 1e-12, maxit = 5000))$par
    start[!held] <- rough
    2 * (best$loglik - polished(model, steps, alternative, start, held)$loglik) - stats::qchisq(0.95, 1)
  }
  stats::uniroot(below, c(inner, outer), tol = 1e-10)$root
}

FIXED <- data.frame(
  steps = c(0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995, 1),
  moderate_one = c(1, 0.99, 0.95, 0.80, 0.75, 0.65, 0.60, 0.55, 0.50, 0.50, 0.50, 0.50, 0.50, 0.50),
  severe_one = c(1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.40, 0.35, 0.30, 0.25, 0.10, 0.10, 0.10, 0.10),
  moderate_two = c(1, 0.99, 0.95, 0.90, 0.80, 0.75, 0.60, 0.60, 0.75, 0.80, 0.90, 0.95, 0.99, 1.00),
  severe_two = c(1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.25, 0.25, 0.50, 0.60, 0.75, 0.90, 0.99, 1.00))

fixed_of <- function(rows, alternative) lapply(as.list(FIXED[-1]), function(delta) {
  found <- selmodel(fit(rows$yi, rows$vi, method = "ML"), type = "stepfun", alternative = alternative,
                    steps = FIXED$steps, delta = delta,
                    control = list(optimizer = "nlminb", rel.tol = 1e-10, eval.max = 1e5, iter.max = 1e5))
  list(alternative = alternative, estimate = c(found$beta), tau2 = found$tau2, se = found$se,
       loglik = found$fit.stats["ll", "ML"])
})

trimmed <- function(rows, method, test, estimator, side) {
  model <- fit(rows$yi, rows$vi, method = method, test = test)
  # trimfill() fits anew, without the control and the test of the model.
  found <- trimfill(model, side = side, estimator = estimator, control = model$control, test = test)
  list(method = method, test = test, estimator = estimator, asked = if (is.null(side)) "estimated" else side,
       side = found$side, k0 = found$k0, se_k0 = if (is.finite(found$se.k0)) found$se.k0 else "none", p_k0 = if (is.na(found$p.k0)) "none" else found$p.k0,
       filled_yi = many(found$yi[found$fill]), filled_vi = many(found$vi[found$fill]), estimate = c(found$beta),
       se = found$se, ci_low = found$ci.lb, ci_high = found$ci.ub, tau2 = clean_tau2(found))
}

# Lines by lm() in the radial plots of Rücker et al. (2011), with metafor's tau2.
limited <- function(rows, method) {
  model <- fit(rows$yi, rows$vi, method = method)
  tau2 <- clean_tau2(model)
  sei <- sqrt(rows$vi)
  total <- sqrt(rows$vi + tau2)
  line <- function(yi, spread) lm(I(yi / spread) ~ I(1 / spread))
  plain <- line(rows$yi, sei)
  random <- line(rows$yi, total)
  alpha <- coef(random)[[1]]
  beta <- coef(random)[[2]]
  shrunk <- beta + sqrt(tau2) / total * (rows$yi - beta)
  limit <- line(shrunk, sei)
  unit <- summary(random)$cov.unscaled
  toward <- c(sqrt(tau2), 1)
  mean_of_limits <- rma(shrunk, rows$vi, method = "FE")
  list(method = method, tau2 = tau2, alpha = alpha, beta_r = beta, beta_f = coef(plain)[[2]],
       beta0 = beta + sqrt(tau2) * alpha, beta0_se = sqrt(drop(toward %*% unit %*% toward)),
       beta_lim = coef(limit)[[2]], beta_lim_se = sqrt(summary(limit)$cov.unscaled[2, 2]),
       mu_lim = c(mean_of_limits$beta), mu_lim_se = mean_of_limits$se, q = model$QE, q_resid = deviance(plain),
       g2 = 1 - summary(limit)$r.squared, shrunk = many(shrunk))
}

# Of one model, the parameter, a value inside the interval and one outside.
ENDS <- list(
  list("le-scodan-2010", 0.025, "less", 1, -0.46, -0.75), list("le-scodan-2010", 0.025, "less", 1, -0.45, -0.15),
  list("le-scodan-2010", 0.025, "less", 3, 0, -3), list("le-scodan-2010", 0.025, "less", 3, 0.1, 3),
  list("hackshaw1998", c(0.025, 0.1, 0.5), "greater", 1, 0.01, 0.4),
  list("hackshaw1998", c(0.025, 0.1, 0.5), "greater", 5, -2.7, 0.5))

make_selection <- function(bcg, le_scodan) {
  sets <- c(list(bcg = bcg, `le-scodan-2010` = le_scodan),
            lapply(examples()[c("hackshaw1998", "cohen1981", "baskerville2012")], `[[`, "rows"))
  sets <- lapply(sets, function(rows) data.frame(yi = as.numeric(rows$yi), vi = as.numeric(rows$vi)))
  way <- c(bcg = "less", `le-scodan-2010` = "less", hackshaw1998 = "greater", cohen1981 = "greater",
           baskerville2012 = "greater")
  models <- list(bcg = list(0.025, 0.05), `le-scodan-2010` = list(0.025, 0.05, c(0.025, 0.05)),
                 hackshaw1998 = list(0.025, 0.05, c(0.025, 0.1, 0.5)), cohen1981 = list(0.025, c(0.05, 0.25)),
                 baskerville2012 = list(0.025, c(0.025, 0.1)))
  trims <- expand.grid(estimator = c("L0", "R0", "Q0"), side = c("left", "right", "estimated"),
                       fit = c("REML/z", "DL/z", "FE/z", "REML/knha"), stringsAsFactors = FALSE)
  out <- lapply(names(sets), function(name) {
    rows <- sets[[name]]
    fills <- lapply(seq_len(nrow(trims)), function(i) {
      how <- strsplit(trims$fit[i], "/")[[1]]
      side <- if (trims$side[i] == "estimated") NULL else trims$side[i]
      try(suppressWarnings(trimmed(rows, how[1], how[2], trims$estimator[i], side)), silent = TRUE)
    })
    # Q0 has no value where its root is of a negative number, and metafor stops.
    defined <- !vapply(fills, inherits, TRUE, "try-error")
    list(data = rows, trimfill = fills[defined],
         stepfun = lapply(models[[name]], function(steps) selection_of(rows, steps, way[[name]])),
         fixed = fixed_of(rows, way[[name]]), limit = lapply(c("DL", "REML"), function(m) limited(rows, m)))
  })
  names(out) <- names(sets)
  ends <- lapply(ENDS, function(one) list(
    set = one[[1]], steps = many(one[[2]]), parameter = c("mean", "tau2", "2", "3", "4")[one[[4]]],
    end = if (one[[6]] < one[[5]]) "low" else "high",
    value = profile_end(sets[[one[[1]]]], one[[2]], one[[3]], one[[4]], one[[5]], one[[6]])))
  c(list(source = source_block(
    paste("trimfill(rma(yi, vi, method, test), side, estimator); selmodel(rma(yi, vi, method = \"ML\"), type =",
          "\"stepfun\", alternative, steps, delta); lm()"),
    paste("stepfun: selmodel() with nlminb, then Newton's steps on its log likelihood until the parameters stand",
          "still; under metafor what selmodel() itself ends at. limit: the formulas of Rücker et al. 2011 with lm(),",
          "and tau2 of rma(). profile: ends where twice the log likelihood falls by qchisq(0.95, 1)",
          "(of weights, their logarithms)."))),
    list(profile = ends), out)
}
