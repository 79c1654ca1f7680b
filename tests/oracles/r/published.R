# published.json: numbers printed in papers, beside the same quantity by converged metafor.

# Every quantity of a fit under the names of printed.csv.
quantities <- function(model) {
  by_term <- function(values, name) stats::setNames(as.vector(values), sprintf("%s[%s]", name, rownames(model$beta)))
  profile <- if (model$method == "FE" || inherits(model, "robust.rma")) NULL else {
    bounds <- confint(model, control = PROFILE)$random
    stats::setNames(c(bounds[, 2:3]), paste0(rep(c("tau2", "tau", "i2", "h2"), 2),
                                             rep(c("_ci_low", "_ci_high"), each = 4)))
  }
  c(by_term(model$beta, "estimate"), by_term(model$se, "se"), by_term(model$zval, "stat"), by_term(model$pval, "p"),
    by_term(model$ci.lb, "ci_low"), by_term(model$ci.ub, "ci_high"), by_term(exp(model$beta), "exp(estimate)"),
    by_term(exp(model$ci.lb), "exp(ci_low)"), by_term(exp(model$ci.ub), "exp(ci_high)"), profile,
    c(tau2 = clean_tau2(model), tau = sqrt(clean_tau2(model)), se_tau2 = model$se.tau2, i2 = model$I2,
      h2 = model$H2, q = model$QE, q_p = model$QEp, qm = model$QM, qm_p = model$QMp,
      r2 = if (is.null(model$R2)) NA else model$R2))
}

# Fitted values at the points that printed.csv names, e.g. "exp(fit)[at ablat=10, year=1970]".
fitted_at <- function(model, names) {
  places <- unique(sub("^[^[]*\\[at (.*)\\]$", "\\1", grep("\\[at ", names, value = TRUE)))
  unlist(lapply(places, function(place) {
    one <- predict(model, newmods = as.numeric(sub(".*=", "", strsplit(place, ", ")[[1]])))
    values <- c(fit = one$pred, fit_se = one$se, ci_low = one$ci.lb, ci_high = one$ci.ub,
                prediction_low = one$pi.lb, prediction_high = one$pi.ub)
    both <- c(values, stats::setNames(exp(values), sprintf("exp(%s)", names(values))))
    stats::setNames(both, sprintf("%s[at %s]", names(both), place))
  }))
}

# "mean/REML/z" or "~a+b/REML/z": the fit that a name stands for. "hw" is the sandwich of Huber and White, each row
# its own cluster.
model_of <- function(name, rows) {
  parts <- strsplit(name, "/")[[1]]
  terms <- strsplit(substring(parts[1], 2), "+", fixed = TRUE)[[1]]
  mods <- if (startsWith(parts[1], "~")) columns(rows, terms) else NULL
  model <- fit(rows$yi, rows$vi, mods, parts[2], sub("hw", "z", parts[3]))
  if (parts[3] == "hw") do.call(robust, list(model, cluster = seq_len(nrow(rows)), adjust = FALSE)) else model
}

numbered <- function(values, name) stats::setNames(as.vector(values), sprintf("%s[%d]", name, seq_along(values)))

exp_bounds <- function(sav) c(numbered(exp(sav$ci.lb), "exp(ci_low)"), numbered(exp(sav$ci.ub), "exp(ci_high)"))

# The analyses that are more than one fit.
special <- list(
  rows = function(rows) {
    half <- stats::qnorm(0.975) * sqrt(rows$vi)
    low <- rows$yi - half
    high <- rows$yi + half
    c(numbered(low, "ci_low"), numbered(high, "ci_high"),
      numbered(exp(low), "exp(ci_low)"), numbered(exp(high), "exp(ci_high)"))
  },
  `leave1out/REML/z` = function(rows) {
    sav <- refitted(fit(rows$yi, rows$vi), leave1out)
    c(numbered(exp(sav$estimate), "exp(estimate)"), numbered(sav$zval, "stat"), exp_bounds(sav),
      numbered(sav$Q, "q"), numbered(sav$tau2, "tau2"), numbered(sav$I2, "i2"), numbered(sav$H2, "h2"))
  },
  `cumulative by year/REML/z` = function(rows) {
    sav <- do.call(cumul, list(fit(rows$yi, rows$vi), order = rows$year))
    c(numbered(exp(sav$estimate), "exp(estimate)"), exp_bounds(sav))
  },
  `egger/lm` = function(rows) {
    sav <- regtest(fit(rows$yi, rows$vi), model = "lm")
    c(stat = as.vector(sav$zval), p = as.vector(sav$pval))
  },
  `trimfill/FE/L0` = function(rows) {
    sav <- trimfill(fit(rows$yi, rows$vi, method = "FE"))
    c(k0 = sav$k0, q = sav$QE, estimate = as.vector(sav$beta), se = sav$se, stat = sav$zval,
      ci_low = sav$ci.lb, ci_high = sav$ci.ub)
  },
  `~ablat against mean/ML` = function(rows) {
    sav <- anova(fit(rows$yi, rows$vi, columns(rows, "ablat"), "ML"), fit(rows$yi, rows$vi, method = "ML"))
    of <- function(stats, name) stats::setNames(
      stats[c("ll", "AIC", "BIC")], sprintf(c("loglik[%s]", "aic[%s]", "bic[%s]"), name))
    c(of(sav$fit.stats.f, "full"), of(sav$fit.stats.r, "reduced"), lrt = sav$LRT, lrt_p = sav$pval,
      `q[full]` = sav$QE.f, `q[reduced]` = sav$QE.r, `tau2[full]` = sav$tau2.f, `tau2[reduced]` = sav$tau2.r,
      r2 = sav$R2)
  },
  `permutation/REML/z` = function(rows) c(
    p = as.vector(permutest(fit(rows$yi, rows$vi), exact = TRUE, progbar = FALSE)$pval)),
  `blup/REML` = function(rows) {
    sav <- blup(fit(rows$yi, rows$vi))
    c(numbered(sav$pred, "blup"), numbered(sav$se, "blup_se"),
      numbered(sav$pi.lb, "blup_low"), numbered(sav$pi.ub, "blup_high"))
  },
  `henmi-copas` = function(rows) {
    sav <- hc_tight(fit(rows$yi, rows$vi, method = "DL"), control = list(tol = 1e-15, maxiter = 10000))
    c(estimate = c(sav$beta), ci_low = c(sav$ci.lb), ci_high = c(sav$ci.ub))
  })

two_level_values <- function(name, rows) {
  mods <- if (grepl("~", name)) columns(rows, "year-mean(year)") else NULL
  method <- sub(".*/", "", name)
  fitted <- multilevel(rows, diag(rows$vi), ~ 1 | district/study, list(rows$district, rows$study), method, mods)
  terms <- if (is.null(mods)) "intrcpt" else c("intrcpt", "year-mean(year)")
  c(stats::setNames(fitted$estimate, sprintf("estimate[%s]", terms)),
    stats::setNames(fitted$se, sprintf("se[%s]", terms)),
    `sigma2[district]` = fitted$sigma2[1], `sigma2[study]` = fitted$sigma2[2])
}

gls_values <- function(rows, V, times) {
  sav <- rma.mv(yi, V, mods = ~ factor(trt) - 1, data = rows, method = "FE", sparse = FALSE)
  cells <- expand.grid(i = seq_len(sav$p), j = seq_len(sav$p))
  c(stats::setNames(c(sav$beta), paste0("estimate[trt", seq_len(sav$p), "]")), q = sav$QE,
    stats::setNames(c(vcov(sav)) * times, sprintf("cov[%d,%d]", cells$i, cells$j)))
}

values_of <- function(name, paper, wanted) {
  rows <- paper[[3]]
  if (name == "gls/FE") return(gls_values(rows, paper[[4]], paper[[5]]))
  if (startsWith(name, "two-level")) return(two_level_values(name, rows))
  if (name %in% names(special)) return(special[[name]](rows))
  model <- model_of(name, rows)
  found <- c(quantities(model), fitted_at(model, wanted))
  if (any(startsWith(wanted, "blup"))) found <- c(
    found, stats::setNames(range(blup(model)$pred), c("blup_min", "blup_max")))
  if (any(startsWith(wanted, "normal_range"))) found <- c(found, stats::setNames(
    c(model$beta) + c(-1, 1) * stats::qnorm(0.975) * sqrt(model$tau2), c("normal_range_low", "normal_range_high")))
  if (any(grepl("prediction.*intrcpt", wanted))) found <- c(found, stats::setNames(
    exp(c(predict(model)$pi.lb, predict(model)$pi.ub)),
    c("exp(prediction_low)[intrcpt]", "exp(prediction_high)[intrcpt]")))
  if (any(grepl("^(rstudent|deleted)", wanted))) {
    sav <- refitted(model, rstudent)
    found <- c(found, numbered(sav$resid, "deleted_residual"), numbered(sav$se, "deleted_se"),
               numbered(sav$z, "rstudent"))
  }
  found
}

# Half a unit of the last printed digit; the slack is for a value that lies exactly between two prints.
agrees <- function(value, printed) {
  digits <- nchar(sub("^[^.]*[.]?", "", printed))
  abs(value - as.numeric(printed)) <= 0.5 * 10^-digits * (1 + 1e-9)
}

make_published <- function(here) {
  printed <- read.csv(file.path(here, "printed.csv"), colClasses = "character", encoding = "UTF-8", check.names = FALSE)
  papers <- c(published_data(), shared_data())
  stopifnot(setequal(names(papers), printed$paper))
  out <- list(source = source_block(
    paste("as named by `analysis`: rma(yi, vi, mods, method, test), rma.mv(), hc(), leave1out(), cumul(), regtest(),",
          "trimfill(), permutest(), blup(), anova()"),
    paste("printed: the text in the paper. reading \"paper\": read in the paper itself; \"comparison\": read in the",
          "named test file of metafor, which gives the page, compares its value at the printed digits, and names the",
          "print where it differs. value: converged metafor. agrees: the value rounds to the print.")))
  for (name in names(papers)) {
    paper <- papers[[name]]
    mine <- printed[printed$paper == name, ]
    out[[name]] <- list(paper = paper[[1]], read_in = paper[[2]], k = nrow(paper[[3]]), data = paper[[3]])
    if (length(paper) > 3) out[[name]]$covariance <- paper[[4]]
    for (analysis in unique(mine$analysis)) {
      rows <- mine[mine$analysis == analysis, ]
      values <- values_of(analysis, paper, rows$quantity)
      missing <- setdiff(rows$quantity, names(values))
      if (length(missing)) stop(name, " ", analysis, ": ", paste(missing, collapse = " "))
      value <- unname(values[rows$quantity])
      out[[name]]$analyses[[analysis]] <- data.frame(
        quantity = rows$quantity, page = rows$page, printed = rows$printed, reading = rows$reading, value = value,
        agrees = agrees(value, rows$printed), remark = rows$remark)
    }
  }
  out
}
