# Makes the reference values of this folder: Rscript tests/oracles/make.R
# Needs metafor, metadat, clubSandwich, numDeriv and (to read) jsonlite. The permutation tests take some minutes; the names of
# files as arguments make only those, e.g. `Rscript tests/oracles/make.R influence henmi-copas`.

suppressMessages({
  library(metafor)
  library(metadat)
})
options(na.action = "na.omit")
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
for (part in list.files(file.path(here, "r"), pattern = "[.]R$", full.names = TRUE)) source(part)

stored <- function(name) jsonlite::fromJSON(file.path(here, name))$data
bcg <- stored("bcg.json")
le_scodan <- stored("le-scodan-2010.json")
review <- file.path(here, "..", "..", "data", "raw", "le-scodan-2010")
judgements <- read.csv(file.path(review, "judgements.csv"), encoding = "UTF-8")

makers <- list(
  influence = function() make_influence(bcg, le_scodan),
  permutation = function() make_permutation(bcg, le_scodan),
  `henmi-copas` = function() make_henmi_copas(c(
    list(bcg = bcg, `le-scodan-2010` = le_scodan),
    lapply(examples()[c("lee2004", "li2007", "hackshaw1998", "hart1999")], `[[`, "rows"))),
  dependence = function() make_dependence(bcg, le_scodan, judgements),
  claims = function() make_claims(le_scodan),
  estimators = make_estimators,
  `equal-effects` = make_equal_effects,
  confounding = function() make_confounding(bcg, le_scodan),
  `small-study` = function() make_small_study(bcg, le_scodan),
  trials = function() make_trials(le_scodan),
  selection = function() make_selection(bcg, le_scodan),
  published = function() make_published(here))

wanted <- commandArgs(TRUE)
for (name in if (length(wanted)) wanted else names(makers)) {
  write_json(makers[[name]](), file.path(here, paste0(name, ".json")))
}
