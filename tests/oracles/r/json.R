# JSON by hand: 17 significant digits, so that every double comes back bit for bit. jsonlite rounds to 15.

# A number as JSON text; NA, NaN and infinities become null.
json_number <- function(x) ifelse(is.finite(x), sprintf("%.17g", x), "null")

json_string <- function(x) {
  x <- gsub("\\", "\\\\", enc2utf8(x), fixed = TRUE)
  paste0("\"", gsub("\"", "\\\"", x, fixed = TRUE), "\"")
}

json_scalars <- function(x) {
  if (is.logical(x) && !all(is.na(x))) ifelse(is.na(x), "null", ifelse(x, "true", "false"))
  else if (is.character(x)) ifelse(is.na(x), "null", json_string(x))
  else json_number(as.numeric(x))
}

# R value as JSON text. A named list is an object; an unnamed list, an `array()` mark or a vector of another
# length than one is an array; a data frame is an array of its rows.
to_json <- function(x, indent = 0) {
  pad <- strrep("  ", indent + 1)
  end <- paste0("\n", strrep("  ", indent))
  if (is.data.frame(x)) {
    rows <- lapply(seq_len(nrow(x)), function(i) paste0(pad, "{", paste0(
      json_string(names(x)), ": ", vapply(x, function(column) json_scalars(column[i]), ""), collapse = ", "), "}"))
    return(paste0("[\n", paste(rows, collapse = ",\n"), end, "]"))
  }
  if (is.list(x) && !is.null(names(x))) {
    inner <- vapply(x, to_json, "", indent = indent + 1)
    return(paste0("{\n", paste0(pad, json_string(names(x)), ": ", inner, collapse = ",\n"), end, "}"))
  }
  if (is.list(x)) {
    if (!length(x)) return("[]")
    return(paste0("[\n", paste0(pad, vapply(x, to_json, "", indent = indent + 1), collapse = ",\n"), end, "]"))
  }
  if (is.matrix(x)) return(to_json(lapply(seq_len(nrow(x)), function(i) many(x[i, ])), indent))
  if (is.factor(x)) x <- as.character(x)
  text <- json_scalars(x)
  if (length(x) == 1 && !inherits(x, "many")) unname(text) else paste0("[", paste(text, collapse = ", "), "]")
}

# Marks a vector that stays an array even with one element.
many <- function(x) structure(as.vector(unname(x)), class = c("many", class(as.vector(x))))

write_json <- function(x, file) {
  text <- enc2utf8(to_json(x))
  connection <- file(file, open = "wb")
  on.exit(close(connection))
  writeLines(text, connection, useBytes = TRUE)
}
