# Converged fits and what the files keep of them.

METHODS <- c("FE", "DL", "PM", "REML", "ML", "EB", "SJ", "HE", "HS")
# Iterations stop at a change of 1e-14 in tau2; `tol` stops the root search of PM, which metafor leaves at 1.2e-4.
CONTROL <- list(threshold = 1e-14, maxiter = 10000, tol = 1e-15)
PROFILE <- list(tol = 1e-15, maxiter = 10000)

source_block <- function(call, note) list(
  tool = "metafor", version = as.character(packageVersion("metafor")), r = R.version.string,
  metadat = as.character(packageVersion("metadat")), clubSandwich = as.character(packageVersion("clubSandwich")),
  call = call, note = note)

# The data frame of escalc(), whose warnings about trials without events say nothing here.
effects_of <- function(effects) as.data.frame(suppressWarnings(effects))

# metafor::rma run to convergence. Where rounding keeps the steps above 1e-14 the threshold is raised tenfold until
# they stop: `model$control$threshold` says to what.
fit <- function(yi, vi, mods = NULL, method = "REML", test = "z") {
  arguments <- list(yi = yi, vi = vi, method = method, test = test)
  if (!is.null(mods)) arguments$mods <- mods
  for (threshold in 10^-(14:10)) {
    control <- utils::modifyList(CONTROL, list(threshold = threshold, tau2.max = 1e5))
    model <- try(suppressWarnings(do.call(rma, c(arguments, list(control = control)))), silent = TRUE)
    if (!inherits(model, "try-error")) return(model)
  }
  stop(model)
}

# What `use` makes of the refits of a model (studies left out, permuted, added one by one): metafor drops a refit
# that does not converge and says nothing, so the threshold is raised tenfold until none is missing.
refitted <- function(model, use, complete = function(out) !anyNA(unlist(out))) {
  for (threshold in 10^-(14:10)) {
    model$control$threshold <- max(threshold, model$control$threshold)
    out <- use(model)
    if (complete(out)) return(out)
  }
  stop("some refits do not converge")
}

# The design matrix without its constant, for a vector of column names.
columns <- function(rows, terms) as.matrix(rows[terms])

# tau2 with the boundary written as 0: step halving only creeps towards it (down to about 1e-14).
clean_tau2 <- function(model) if (model$tau2 < 1e-12 * stats::median(model$vi)) 0 else model$tau2

# Log-likelihood and restricted log-likelihood at the estimate, whatever the estimator of tau2.
likelihoods <- function(model) list(loglik_ml = model$fit.stats["ll", "ML"],
                                    loglik_reml = model$fit.stats["ll", "REML"])

summary_of <- function(model) c(list(
  estimate = many(model$beta), se = many(model$se), stat = many(model$zval), p = many(model$pval),
  ci_low = many(model$ci.lb), ci_high = many(model$ci.ub), tau2 = clean_tau2(model), i2 = model$I2, h2 = model$H2,
  q = model$QE, q_p = model$QEp), likelihoods(model), list(threshold = model$control$threshold))

mean_of <- function(model) lapply(summary_of(model), as.vector)

regression_of <- function(model) c(list(terms = rownames(model$beta)), summary_of(model), list(
  qm = model$QM, qm_p = model$QMp, qm_df = many(stats::na.omit(model$QMdf)), r2 = model$R2))

q_profile <- function(model) {
  bounds <- confint(model, control = c(PROFILE, list(tau2.max = 1e6)))$random
  list(tau2_ci = c(bounds["tau^2", "ci.lb"], bounds["tau^2", "ci.ub"]),
       i2_ci = c(bounds["I^2(%)", "ci.lb"], bounds["I^2(%)", "ci.ub"]))
}
