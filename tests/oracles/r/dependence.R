# dependence.json: two-level models, covariances of a shared control group, cluster-robust standard errors.

# (Restricted) score and expected information of variance components: V = V0 + sum s_j S_j (Harville 1977,
# J Am Stat Assoc 72:320).
score_of <- function(s, y, V0, X, parts, reml) {
  V <- V0 + Reduce(`+`, Map(`*`, s, parts))
  W <- chol2inv(chol(V))
  P <- W - W %*% X %*% solve(crossprod(X, W %*% X), crossprod(X, W))
  Q <- if (reml) P else W
  r <- P %*% y
  list(score = vapply(parts, function(S) 0.5 * (sum(r * (S %*% r)) - sum(Q * S)), 0),
       information = outer(seq_along(parts), seq_along(parts), Vectorize(function(i, j)
         0.5 * sum((Q %*% parts[[i]]) * t(Q %*% parts[[j]])))))
}

# Fisher scoring from metafor's optimum until the step is rounding error; a component at 0 with a falling
# likelihood stays.
polish <- function(s, y, V0, X, parts, reml) {
  s[s < 1e-8] <- 0
  for (iteration in 1:2000) {
    now <- score_of(s, y, V0, X, parts, reml)
    free <- s > 0 | now$score > 0
    if (!any(free)) break
    step <- numeric(length(s))
    step[free] <- solve(now$information[free, free, drop = FALSE], now$score[free])
    next_s <- pmax(s + step, 0)
    done <- max(abs(next_s - s)) < 1e-16
    s <- next_s
    if (done) break
  }
  now <- score_of(s, y, V0, X, parts, reml)
  list(sigma2 = s, score = now$score, step = ifelse(s > 0, abs(step), 0))
}

indicator <- function(label) outer(label, label, `==`) + 0

# nlminb calls a stop at rounding error a failure: the tightest of these tolerances at which it does not.
own_optimum <- function(arguments) {
  for (tolerance in c(1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9)) {
    control <- list(optimizer = "nlminb", rel.tol = tolerance, eval.max = 5000, iter.max = 5000)
    own <- try(suppressWarnings(do.call(rma.mv, c(arguments, list(control = control)))), silent = TRUE)
    if (!inherits(own, "try-error")) return(c(list(rel.tol = tolerance), own))
  }
  stop(own)
}

# rma.mv at its own optimum, polished; every quantity is then metafor's at the polished variances.
multilevel <- function(rows, V, random, labels, method, mods = NULL) {
  arguments <- list(yi = rows$yi, V = V, random = random, data = rows, method = method, sparse = FALSE)
  if (!is.null(mods)) arguments$mods <- mods
  own <- own_optimum(arguments)
  polished <- polish(own$sigma2, rows$yi, V, own$X, lapply(labels, indicator), method == "REML")
  sharp <- suppressWarnings(do.call(rma.mv, c(arguments, list(sigma2 = polished$sigma2))))
  list(terms = many(rownames(sharp$beta)), estimate = many(sharp$beta), se = many(sharp$se), stat = many(sharp$zval),
       p = many(sharp$pval), ci_low = many(sharp$ci.lb), ci_high = many(sharp$ci.ub), q = sharp$QE,
       sigma2 = many(polished$sigma2), loglik = c(logLik(sharp)),
       loglik_gain = c(logLik(sharp)) - own$fit.stats["ll", method],
       convergence = list(score = many(polished$score), last_step = many(polished$step),
                          metafor_optimum = many(own$sigma2), metafor_rel_tol = own$rel.tol))
}

# Variances as given and rho * se_i * se_j between the rows of one study.
covariance <- function(vi, study, rho) {
  V <- rho * outer(sqrt(vi), sqrt(vi)) * indicator(study)
  diag(V) <- vi
  V
}

robust_of <- function(model, cluster) {
  sav <- as.data.frame(clubSandwich::coef_test(model, vcov = "CR2", cluster = cluster, test = "Satterthwaite"))
  list(terms = many(rownames(model$beta)), cluster = many(cluster), tau2 = clean_tau2(model), estimate = many(sav$beta),
       se = many(sav$SE), stat = many(sav$tstat), df = many(sav$df_Satt), p = many(sav$p_Satt))
}

two_level <- function(rows, ids, cluster) {
  rows$cluster <- cluster
  rows$id <- ids
  out <- list()
  for (method in c("REML", "ML")) out[[paste0("mean/", method)]] <- multilevel(
    rows, diag(rows$vi), ~ 1 | cluster/id, list(cluster, ids), method)
  if ("year" %in% names(rows)) {
    rows$year.c <- rows$year - mean(rows$year)
    for (method in c("REML", "ML")) out[[paste0("~year-mean(year)/", method)]] <- multilevel(
      rows, diag(rows$vi), ~ 1 | cluster/id, list(cluster, ids), method, ~ year.c)
  }
  out
}

shared_control <- function(rows) {
  out <- list()
  for (rho in c(0, 0.25, 0.5, 0.75, 0.9)) for (unit in c("estimate", "study")) {
    rows$id <- if (unit == "estimate") seq_len(nrow(rows)) else rows$study
    for (method in c("REML", "ML")) out[[sprintf("rho=%s/per %s/%s", format(rho), unit, method)]] <- c(
      list(rho = rho), multilevel(rows, covariance(rows$vi, rows$study, rho), ~ 1 | id, list(rows$id), method))
  }
  out
}

# Four estimates of a cluster that agree, and one far from them: the variance between clusters is some 20,000 times that
# within, so that the maximum is close to the boundary without it.
near_boundary <- function() {
  rows <- data.frame(
    yi = c(.0617096358813746, -.023141728568825803, 9.510075124996028, -.07730515364604734, .0834280470560932),
    vi = c(.004774356782801114, .0017506949267514797, 8.332528111638862, .0016868598437734565, .01653683163112862),
    cluster = c(0, 0, 1, 0, 0), id = 1:5)
  out <- list(data = rows)
  for (rho in c(0, 0.5)) out[[sprintf("rho=%s/REML", format(rho))]] <- c(
    list(rho = rho), multilevel(rows, covariance(rows$vi, rows$cluster, rho), ~ 1 | cluster/id,
                                list(rows$cluster, rows$id), "REML"))
  out
}

make_dependence <- function(bcg, le_scodan, judgements) {
  schools <- as.data.frame(metadat::dat.konstantopoulos2011)[c("district", "study", "year", "yi", "vi")]
  second <- data.frame(study = "Khan", yi = log(0.751), vi = (log(0.793 / 0.71) / (2 * 1.959963984540054))^2)
  both <- rbind(le_scodan[c("study", "yi", "vi")], second)
  declared <- judgements$cluster[match(le_scodan$study, sub("^Le Scodan$", "LeScodan", judgements$study))]
  overlap <- ifelse(le_scodan$study %in% c("Khan", "Gnerlich"), "us-registries", le_scodan$study)
  mean_fit <- fit(le_scodan$yi, le_scodan$vi)
  start_fit <- fit(le_scodan$yi, le_scodan$vi, columns(le_scodan, "start"))
  school_fit <- fit(schools$yi, schools$vi, columns(schools, "year"))
  list(
    source = source_block(
      paste("(a, b) rma.mv(yi, V, random, method, sparse = FALSE, control = list(rel.tol = 1e-15, ...));",
            "(c) clubSandwich::coef_test(rma(...), vcov = \"CR2\", cluster, test = \"Satterthwaite\")"),
      paste("sigma2: cluster, then estimate within cluster. metafor optimises the likelihood itself, which fixes",
            "variances to between six and ten digits; from there r/dependence.R takes Fisher scoring on the",
            "exact score until the step vanishes, and rma.mv(sigma2 = ...) gives the rest. convergence: score and last step",
            "at the values given, and metafor's own optimum. Eleven significant digits can be trusted. loglik: with the",
            "constant +0.5 log|X'X| under REML. Shared control: covariance rho * se_i * se_j; random effect per",
            "estimate, or per study. Khan's second row: 0.751 (0.71-0.793) as in table.csv.")),
    two_level = list(
      konstantopoulos2011 = c(list(data = schools), two_level(schools, schools$study, schools$district)),
      `le-scodan-2010` = c(list(cluster = many(overlap)),
                           two_level(le_scodan[c("study", "yi", "vi")], le_scodan$study, overlap))),
    near_boundary = near_boundary(),
    shared_control = c(list(data = both), shared_control(both)),
    cr2 = list(
      `le-scodan-2010/mean/study` = robust_of(mean_fit, le_scodan$study),
      `le-scodan-2010/mean/declared` = robust_of(mean_fit, declared),
      `le-scodan-2010/~start/study` = robust_of(start_fit, le_scodan$study),
      `le-scodan-2010/~start/declared` = robust_of(start_fit, declared),
      `bcg/mean/alloc` = robust_of(fit(bcg$yi, bcg$vi), as.character(metadat::dat.bcg$alloc)),
      `bcg/~ablat/trial` = robust_of(fit(bcg$yi, bcg$vi, columns(bcg, "ablat")), as.character(bcg$study)),
      `konstantopoulos2011/mean/district` = robust_of(fit(schools$yi, schools$vi), as.character(schools$district)),
      `konstantopoulos2011/~year/district` = robust_of(school_fit, as.character(schools$district))))
}
