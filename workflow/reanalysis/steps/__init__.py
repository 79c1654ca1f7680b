"""Steps of the workflow: each reads files, calls one function, writes files."""
