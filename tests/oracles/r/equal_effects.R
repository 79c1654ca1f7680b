# equal-effects.json: models whose residuals are all 0, under the adjustment of Knapp and Hartung that is never below 1.

equal_effects_of <- function(yi, vi, x = NULL) {
  of <- function(method) {
    model <- fit(yi, vi, mods = x, method = method, test = "adhoc")
    kept <- c(summary_of(model)[c("estimate", "se", "stat", "p", "ci_low", "ci_high", "tau2")],
              list(df = model$ddf[1], scale = model$s2w))
    if (!is.null(x)) return(c(kept, list(qm = model$QM, qm_p = model$QMp)))
    if (method == "FE") return(kept)
    ahead <- predict(model)
    c(kept, list(prediction_low = ahead$pi.lb, prediction_high = ahead$pi.ub))
  }
  methods <- c("FE", "DL", "REML")
  c(list(yi = many(yi), vi = many(vi)), if (!is.null(x)) list(x = many(x)),
    list(models = stats::setNames(lapply(methods, of), methods)))
}

make_equal_effects <- function() list(
  source = source_block("rma(yi, vi, mods, method, test = 'adhoc', control = list(threshold = 1e-14, maxiter = 10000))",
                        "effects that are all the same, and effects on a line; predict() for the interval of a new study"),
  five = equal_effects_of(rep(-0.4, 5), (1:5) / 10),
  two = equal_effects_of(rep(-0.22314355131420976, 2), c(0.01, 0.1)),
  line = equal_effects_of(c(0, 0.25, 0.5, 1), c(0.1, 0.2, 0.3, 0.4), c(0, 1, 2, 4)))
