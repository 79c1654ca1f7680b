# henmi-copas.json: the interval of Henmi & Copas (2010).

# hc() with its quadrature tightened: integrate() stops at 1e-4 by default, and hc() has no argument for it.
tightened <- function(call) {
  if (!is.call(call)) return(call)
  call[] <- lapply(call, tightened)
  if (identical(call[[1]], as.name("integrate"))) {
    call$rel.tol <- 1e-13
    call$subdivisions <- 5000L
  }
  call
}
hc_tight <- metafor:::hc.rma.uni
body(hc_tight) <- tightened(body(hc_tight))

henmi_copas_of <- function(rows) {
  model <- fit(rows$yi, rows$vi, method = "DL")
  plain <- hc(model)
  tight <- hc_tight(model, control = list(tol = 1e-15, maxiter = 10000))
  list(data = rows[c("yi", "vi")], estimate = c(tight$beta), se = c(tight$se), ci_low = c(tight$ci.lb),
       ci_high = c(tight$ci.ub), tau2 = tight$tau2,
       metafor_default = list(ci_low = c(plain$ci.lb), ci_high = c(plain$ci.ub)))
}

make_henmi_copas <- function(sets) c(
  list(source = source_block(
    "hc(rma(yi, vi, method = \"DL\"), control = list(tol = 1e-15, maxiter = 10000))",
    paste("ci_low and ci_high: hc() with integrate(rel.tol = 1e-13) inside; metafor_default: hc() as it comes, good to",
          "about four digits."))),
  lapply(sets, henmi_copas_of))
