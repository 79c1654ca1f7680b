"""An analysis beside an archived version of it: what differs, and what each difference moves."""
