"""What a person calls by name, above the steps: each module is a sub-command of `reanalysis`, or serves one."""
