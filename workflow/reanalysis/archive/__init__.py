"""An archive of a version: a Workflow Run RO-Crate in a BagIt bag in a zip, written once and read back."""
