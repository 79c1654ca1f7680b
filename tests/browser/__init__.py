"""The shipped pages in a real browser. A package, so that its conftest does not stand in the way of the other one."""
