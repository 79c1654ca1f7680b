# influence.json: deletion diagnostics, leave-one-out, Baujat coordinates, cumulative analyses, log-likelihoods.

influence_of <- function(model) refitted(model, function(model) {
  sav <- influence(model)
  kept <- c("rstudent", "dffits", "cook.d", "cov.r", "tau2.del", "QE.del", "hat", "weight")
  dfbs <- unclass(sav$dfbs)[seq_len(model$p)]
  c(lapply(unclass(sav$inf)[kept], many), list(dfbs = stats::setNames(lapply(dfbs, many), rownames(model$beta)),
                                                flagged = many(sav$is.infl)))
})

leave1out_of <- function(rows, method, test) {
  sav <- refitted(fit(rows$yi, rows$vi, method = method, test = test), leave1out)
  pi <- vapply(seq_len(nrow(rows)), function(i) {
    one <- predict(fit(rows$yi[-i], rows$vi[-i], method = method, test = test))
    c(one$pi.lb, one$pi.ub)
  }, c(0, 0))
  list(estimate = many(sav$estimate), se = many(sav$se), ci_low = many(sav$ci.lb), ci_high = many(sav$ci.ub),
       q = many(sav$Q), tau2 = many(sav$tau2), i2 = many(sav$I2), h2 = many(sav$H2), pi_low = many(pi[1, ]),
       pi_high = many(pi[2, ]))
}

baujat_of <- function(model) {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  sav <- refitted(model, baujat)
  list(x = many(sav$x), y = many(sav$y))
}

cumulative <- function(rows, key, test) {
  sav <- refitted(fit(rows$yi, rows$vi, test = test), function(model) do.call(cumul, list(model, order = key)))
  list(order = many(order(key)), estimate = many(sav$estimate), se = many(sav$se), ci_low = many(sav$ci.lb),
       ci_high = many(sav$ci.ub), q = many(sav$Q), tau2 = many(sav$tau2), i2 = many(sav$I2), h2 = many(sav$H2))
}

diagnostics <- function(rows, formulas, by) {
  tests <- c("z", "knha")
  out <- list(data = rows)
  for (test in tests) out$influence[[paste0("mean/REML/", test)]] <- influence_of(fit(rows$yi, rows$vi, test = test))
  for (terms in formulas) for (test in tests) {
    key <- paste0("~", paste(terms, collapse = "+"), "/REML/", test)
    out$influence[[key]] <- influence_of(fit(rows$yi, rows$vi, columns(rows, terms), test = test))
  }
  for (test in tests) out$leave1out[[paste0("REML/", test)]] <- leave1out_of(rows, "REML", test)
  for (method in c("REML", "FE")) out$baujat[[method]] <- baujat_of(fit(rows$yi, rows$vi, method = method))
  for (test in tests) {
    out$cumulative[[paste0("given/REML/", test)]] <- cumulative(rows, seq_len(nrow(rows)), test)
    out$cumulative[[paste0(by, "/REML/", test)]] <- cumulative(rows, rows[[by]], test)
  }
  for (method in METHODS) {
    out$loglik[[paste0("mean/", method)]] <- likelihoods(fit(rows$yi, rows$vi, method = method))
    model <- fit(rows$yi, rows$vi, columns(rows, formulas[[1]]), method = method)
    out$loglik[[paste0("~", formulas[[1]], "/", method)]] <- likelihoods(model)
  }
  out
}

make_influence <- function(bcg, le_scodan) list(
  source = source_block(
    paste("influence(), leave1out(), baujat(), cumul(), logLik() of",
          "rma(yi, vi, control = list(threshold = 1e-14, maxiter = 10000, tol = 1e-15))"),
    paste("dfbs by coefficient; weight in per cent; cook.d and cov.r of all coefficients together.",
          "pi: predict() of the refit, normal with z, t(k - p) with knha. cumulative: `order` counts rows from 1;",
          "ties keep the order given; the first step has one study.",
          "loglik_reml carries metafor's constant +0.5 log|X'X| (REMLf = TRUE).")),
  bcg = diagnostics(bcg, list("ablat"), "year"),
  `le-scodan-2010` = diagnostics(le_scodan, list("start", c("start", "logn")), "start"))
