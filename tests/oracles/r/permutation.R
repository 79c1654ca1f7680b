# permutation.json: exact permutation tests, by every order of the moderator rows or by every pattern of signs.

# The distance of the nearest statistic that does not count as "as extreme", and the largest distance among those
# that tie: between them any tolerance gives the same p-value.
margins <- function(permuted, observed) {
  gap <- abs(permuted) - abs(observed)
  tie <- abs(gap) < 1e-6
  list(ties = sum(tie), widest_tie = max(abs(gap[tie]), 0), nearest_other = min(abs(gap[!tie])))
}

permuted_of <- function(model) {
  sav <- refitted(model, function(model) permutest(model, exact = TRUE, progbar = FALSE, retpermdist = TRUE),
                  function(sav) !anyNA(sav$zval.perm))
  zval <- as.matrix(sav$zval.perm)
  out <- list(permutations = nrow(zval), terms = many(rownames(model$beta)),
              stat = many(model$zval), pval = many(sav$pval),
              margins = lapply(seq_len(ncol(zval)), function(j) margins(zval[, j], model$zval[j])))
  if (!model$int.only) {
    out$qm <- model$QM
    out$qm_p <- sav$QMp
    out$qm_margins <- margins(sav$QM.perm, model$QM)
  }
  out
}

# Centred: with the year as it is, rounding keeps one refit in five above 1e-14, and permutest() drops it silently.
centred <- function(bcg) data.frame(
  bcg[c("study", "yi", "vi")], `ablat-33` = bcg$ablat - 33, `year-1966` = bcg$year - 1966, check.names = FALSE)

SUBSETS <- list(k6 = 1:6, k7 = c(2, 3, 4, 6, 7, 8, 9))

make_permutation <- function(bcg, le_scodan) {
  trials <- centred(bcg)
  moderators <- list()
  for (size in names(SUBSETS)) for (terms in list("ablat-33", c("ablat-33", "year-1966")))
    for (method in c("REML", "FE")) for (test in c("z", "knha")) {
    rows <- trials[SUBSETS[[size]], ]
    key <- paste0(size, "/~", paste(terms, collapse = "+"), "/", method, "/", test)
    moderators[[key]] <- c(list(rows = many(SUBSETS[[size]])),
                           permuted_of(fit(rows$yi, rows$vi, columns(rows, terms), method, test)))
  }
  signs <- list()
  for (name in c("le-scodan-2010", "bcg")) for (method in c("REML", "FE")) for (test in c("z", "knha")) {
    rows <- if (name == "bcg") bcg else le_scodan
    signs[[paste0(name, "/", method, "/", test)]] <- permuted_of(fit(rows$yi, rows$vi, method = method, test = test))
  }
  list(source = source_block(
    paste("permutest(rma(yi, vi, mods, method, test,",
          "control = list(threshold = 1e-14, maxiter = 10000, tol = 1e-15)), exact = TRUE)"),
    paste("Two-sided by |statistic| (p2defn \"abs\", stat \"test\"); a permuted statistic counts",
          "when it reaches the observed one less comptol = sqrt(eps) = 1.49e-8",
          "(`tol` of control only serves permutation intervals).",
          "Equal rows of the design are not permuted among themselves:",
          "permutations is then below k!, and p the same.",
          "No refit is missing. rows: of data$bcg, counted from 1.")),
    data = list(bcg = trials, `le-scodan-2010` = le_scodan[c("study", "yi", "vi")]),
    moderators = moderators, signs = signs)
}
