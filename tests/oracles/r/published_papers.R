# The data of the published analyses, as rma() takes them.

# metafor's own tests, which name the page of each paper and where its print differs from the computed value.
test_file <- function(name, commit) paste0(
  "wviechtb/metafor, tests/testthat/test_analysis_example_", name, ".r, commit ", commit)

# Later versions compare unrounded values: an earlier one shows the digits of the print.
two_files <- function(name, commit) paste(test_file(name, commit), "and its version that rounds")

FIRST <- "0d037744fd8f50f54537adece968394c911b6073"
SECOND <- "01464f36557922240fb8724a900bb66734c31f82"
THIRD <- "0aecc9508d1c7e661e9bc290b0b00c280dae4916"

paper <- function(citation, read_in, rows, V = NULL, times = 1) {
  c(list(citation, read_in, rows), if (!is.null(V)) list(V, times))
}

published_data <- function() {
  bcg <- effects_of(escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg))
  for (level in c("random", "alternate", "systematic")) bcg[[level]] <- as.numeric(bcg$alloc == level)
  bcg_or <- effects_of(escalc(measure = "OR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.colditz1994))
  smooth <- transform(bcg, vi = sum(tneg / tpos) / (13 * (tneg + tpos)) + sum(cneg / cpos) / (13 * (cneg + cpos)),
                      `ablat-33.46` = ablat - 33.46, check.names = FALSE)
  teachers <- transform(as.data.frame(dat.raudenbush1985), weeks.c = pmin(weeks, 3))
  schools <- as.data.frame(dat.konstantopoulos2011)
  schools$`year-mean(year)` <- schools$year - mean(schools$year)
  lidocaine <- effects_of(escalc(measure = "RD", n1i = n1i, n2i = n2i, ai = ai, ci = ci, data = dat.hine1989))
  lidocaine <- transform(lidocaine, yi = 100 * yi, vi = 1e4 * vi)
  stroke <- transform(dat.normand1999, sdpi = sqrt(((n1i - 1) * sd1i^2 + (n2i - 1) * sd2i^2) / (n1i + n2i - 2)))
  stroke <- effects_of(escalc(measure = "MD", m1i = m1i, sd1i = sdpi, n1i = n1i, m2i = m2i, sd2i = sdpi, n2i = n2i,
                              data = stroke))
  wort <- effects_of(escalc(measure = "RR", ai = ai, ci = ci, n1i = n1i, n2i = n2i, data = dat.linde2005))
  wort <- wort[c(7:10, 13:25), ]
  wort$`dose-34` <- wort$dosage * 7 / 1000 * wort$duration - 34
  wort$`baseline-20` <- wort$baseline - 20
  wort$product <- wort$`dose-34` * wort$`baseline-20`
  nausea <- effects_of(escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.lee2004))
  clasp <- data.frame(n1i = c(156, 303, 565, 1570, 103, 4659), n2i = c(74, 303, 477, 1565, 105, 4650),
                      ai = c(5, 5, 12, 69, 9, 313), ci = c(8, 17, 9, 94, 11, 352))
  clasp <- effects_of(escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = clasp))
  challenge <- data.frame(yi = c(-0.33, 0.32, 0.39, 0.31, 0.17, 0.64, -0.33, 0.15, -0.02, 0.00),
                          vi = c(0.084, 0.035, 0.017, 0.034, 0.072, 0.117, 0.102, 0.093, 0.012, 0.067),
                          random = c(0, 0, 0, 0, 0, 0, 1, 1, 1, 1), intensity = c(7, 3, 7, 5, 7, 7, 4, 4, 5, 6))
  example1 <- data.frame(yi = c(-0.581, 0.530, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232),
                         vi = c(0.023, 0.052, 0.060, 0.115, 0.095, 0.203, 0.200, 0.211, 0.051, 0.040))
  example2 <- data.frame(
    yi = c(0.100, -0.162, -0.090, -0.049, -0.046, -0.010, -0.431, -0.261, 0.134,
           0.019, 0.175, 0.056, 0.045, 0.103, 0.121, -0.482, 0.290, 0.342),
    vi = c(0.016, 0.015, 0.050, 0.050, 0.032, 0.052, 0.036, 0.024, 0.034,
           0.033, 0.031, 0.034, 0.039, 0.167, 0.134, 0.096, 0.016, 0.035))
  catheters <- dat.nielweise2007
  catheter_odds <- na.omit(effects_of(escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = catheters,
                                             drop00 = TRUE))[c("yi", "vi")])
  control_odds <- effects_of(escalc(measure = "PLO", xi = ci, ni = n2i, data = catheters))
  exposed_odds <- effects_of(escalc(measure = "PLO", xi = ai, ni = n1i, data = catheters))
  effect <- c("yi", "vi")
  normand <- c("Normand SLT 1999, Stat Med 18:321", test_file("normand1999", FIRST))
  viechtbauer <- c("Viechtbauer W 2005, J Educ Behav Stat 30:261", test_file("viechtbauer2005", FIRST))
  stijnen <- c("Stijnen T, Hamza TH, Ozdemir P 2010, Stat Med 29:3046", test_file("stijnen2010", SECOND))
  list(
    viechtbauer2010 = paper("Viechtbauer W 2010, J Stat Softw 36(3):1-48",
      "the paper itself: vignette metafor.pdf of metafor 3.8-1",
      bcg[c(effect, "ablat", "year", "random", "alternate", "systematic")]),
    berkey1995 = paper("Berkey CS, Hoaglin DC, Mosteller F, Colditz GA 1995, Stat Med 14:395",
      test_file("berkey1995", FIRST), smooth[c(effect, "ablat-33.46")]),
    vanhouwelingen2002 = paper("van Houwelingen HC, Arends LR, Stijnen T 2002, Stat Med 21:589",
      test_file("vanhouwelingen2002", SECOND), bcg_or[c(effect, "ablat")]),
    raudenbush2009 = paper("Raudenbush SW 2009, Handbook of Research Synthesis and Meta-Analysis, 2nd ed, chapter 16",
      test_file("raudenbush2009", SECOND), teachers[c(effect, "weeks.c")]),
    raudenbush1985 = paper("Raudenbush SW, Bryk AS 1985, J Educ Stat 10:75",
      two_files("raudenbush1985", THIRD), teachers[c(effect, "weeks.c")]),
    konstantopoulos2011 = paper("Konstantopoulos S 2011, Res Synth Methods 2:61",
      two_files("konstantopoulos2011", THIRD), schools[c("district", "study", effect, "year-mean(year)")]),
    normand1999a = paper(paste(normand[1], "(lidocaine)"), normand[2], lidocaine[effect]),
    normand1999b = paper(paste(normand[1], "(stroke)"), normand[2], stroke[effect]),
    viechtbauer2005a = paper(paste(viechtbauer[1], "(example 1)"), viechtbauer[2], example1),
    viechtbauer2005b = paper(paste(viechtbauer[1], "(example 2)"), viechtbauer[2], example2),
    viechtbauer2007b = paper("Viechtbauer W 2007, Z Psychol 215:104",
      two_files("viechtbauer2007b", THIRD), wort[c(effect, "dose-34", "baseline-20", "product")]),
    henmi2010 = paper("Henmi M, Copas JB 2010, Stat Med 29:2969",
      two_files("henmi2010", "140bd37e59e3557dfc0582b781e911b3f5de5f02"), nausea[effect]),
    dersimonian2007 = paper("DerSimonian R, Kacker R 2007, Contemp Clin Trials 28:105",
      test_file("dersimonian2007", FIRST), clasp[effect]),
    lipsey2001 = paper("Lipsey MW, Wilson DB 2001, Practical Meta-Analysis, Sage",
      test_file("lipsey2001", FIRST), challenge),
    stijnen2010or = paper(paste(stijnen[1], "(odds ratio)"), stijnen[2], catheter_odds),
    stijnen2010control = paper(paste(stijnen[1], "(log odds, control)"), stijnen[2], control_odds[effect]),
    stijnen2010exposed = paper(paste(stijnen[1], "(log odds, exposed)"), stijnen[2], exposed_odds[effect]))
}

# Gleser LJ, Olkin I 2009: several treatments against one control group; the covariance is the control's variance.
shared_data <- function() {
  arms <- data.frame(study = c(1, 1, 2, 3, 3, 3), trt = c(1, 2, 1, 1, 2, 3), ai = c(40, 40, 10, 150, 150, 150),
                     n1i = c(1000, 1000, 200, 2000, 2000, 2000), ci = c(100, 150, 15, 40, 80, 50),
                     n2i = c(4000, 4000, 400, 1000, 1000, 1000))
  p <- arms$ai / arms$n1i
  same <- indicator(arms$study)
  of <- function(measure, shared, citation, read_in, times) {
    rows <- effects_of(escalc(measure = measure, ai = ai, ci = ci, n1i = n1i, n2i = n2i, data = arms))
    V <- same * shared
    diag(V) <- rows$vi
    paper(citation, read_in, rows[c("study", "trt", "yi", "vi")], V, times)
  }
  gains <- data.frame(study = c(1, 1, 2, 3, 4, 4), trt = c(1, 2, 1, 1, 1, 2),
                      m1i = c(7.87, 4.35, 9.32, 8.08, 7.44, 5.34), m2i = c(-1.36, -1.36, 0.98, 1.17, 0.45, 0.45),
                      sd = c(4.2593, 4.2593, 2.8831, 3.1764, 2.9344, 2.9344),
                      n1i = c(25, 22, 38, 50, 30, 30), n2i = c(25, 25, 40, 50, 30, 30))
  gains$n <- ave(gains$n1i, gains$study, FUN = sum) + gains$n2i
  gains$yi <- (gains$m1i - gains$m2i) / gains$sd
  gains$vi <- 1 / gains$n1i + 1 / gains$n2i + gains$yi^2 / (2 * gains$n)
  V <- indicator(gains$study) * (1 / gains$n2i + outer(gains$yi, gains$yi) / (2 * gains$n))
  diag(V) <- gains$vi
  citation <- "Gleser LJ, Olkin I 2009, Handbook of Research Synthesis and Meta-Analysis, 2nd ed, chapter 19"
  read_in <- two_files("gleser2009", "0b9744c305836c04a46c70d7067bb520f8f4275f")
  list(gleser2009rd = of("RD", p * (1 - p) / arms$n1i, paste(citation, "(risk difference)"), read_in, 1e6),
       gleser2009or = of("OR", 1 / (arms$n1i * p * (1 - p)), paste(citation, "(log odds ratio)"), read_in, 1),
       gleser2009smd = paper(paste(citation, "(standardised mean difference)"), read_in,
                             gains[c("study", "trt", "yi", "vi")], V, 1))
}
