"""Texts, YAML and values that some reader of a cell, a key or a name would take for something else, or choke on."""

from __future__ import annotations

from typing import Any

# So many characters have the longest of them.
LONG = 10**6

# For a cell, a key, a name or a text.
NASTY = [
    "", " ", "\n", "\t", "-", "NA", "0", "-0", "1", "-1", "1e400", "-1e400", "1e-400", "9" * 400, "1" * 5000,
    "0." + "0" * 400 + "1", "nan", "NaN", "inf", "-inf", "∞", "None", "null", "true", "0x10", "1_000", "1,2,3,4",
    "1.2.3", "½", "²", "Ⅷ", "١٢٣", "１２３", "०.५", "HR ٠.٥ (٠.٤-٠.٦)", "１.５ (１.２-１.９)", "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＠SUM(A1)", '=HYPERLINK("http://x/","y")',
    "'=1", "''", "\0", "a\0b", "\x01", "\x08", "\x0b", "\x0c", "\x1b[31mred\x1b[0m", "\x7f", "\x85", "\x9b31m",
    "\u2028", "\u2029", "\u202e gnirts", "\u202a", "\u2066x", "\u200e", "\u200f", "\u200b", "\ufeff", "\ufffe",
    "\uffff", "\ufffd", "\ue000x/y=1\ue0012\ue002", "\ue000", "\ue001", "\ue002", "\U000e0041", "\U0010ffff",
    "e\u0301" * 300, "🙂👩‍👩‍👧‍👦", "שלום", "مرحبا", "中文", "ﷺ", "<script>alert(1)</script>", "</script><!--", "<!--",
    "]]>", "<img src=x onerror=alert(1)>", "&lt;", "&#0;", '" onclick="x', "javascript:alert(1)", "{{ 7*7 }}",
    "{% include '/etc/passwd' %}", "{0.__class__}", "%s%n", "$(id)", "`id`", "; rm -rf x", "$\\frac{1}{0}$", "$x",
    "\\input{x}", "\\", "'", '"', '""', "#", "//", "../../../etc/passwd", "/etc/passwd", "..", ".", "con", "a/b",
    "a\\b", "~root", "(" * 5000, "[" * 5000, "0.5 (" * 3000, "HR " * 3000, "-" * 5000, "1 " * 5000, "1/" * 5000,
    "a" * 5000, "1990-" * 3000, "HR 0 (0-0)", "HR 0.5 (0.5-0.5)", "HR 1 (0.99999-1.00001)", "HR 1e300 (1e299-1e301)",
    "HR 1e-300 (1e-301-1e-299)", "HR 0.5 (0.6-0.4)", "HR 0.5 (0.4-0.6) p<0.001", "HR = 0.5, p = 0", "HR 0.5 p=1",
    "HR 1.00 (1.00-1.00)", "HR -0.5 (-0.6 to -0.4)", "0.5 ± 0", "999999999/1/1", "0/0/0", "1/0/1", "1800-2100",
    "2100-1800", "1990-1993", "100%", "43.4%", "<0.05", "NS", "p = 2.3 × 10⁻⁵", "p = 1 × 10⁻⁴⁰⁰", "99% CI", "0.1-0.9",
    "Total", "Pooled",
]  # fmt: skip

# YAML that is more than data, or that asks for more than a machine has.
HOSTILE_YAML = [
    "", " ", "\n", "---\n", "--- a\n--- b\n", "null", "true", "[]", "{}", "3", "a", "- a", "a: b", ": :", "{", "[",
    "'", '"', "|", "&a", "*a", "!", "%YAML 9.9\n---\na: b\n", "a: &a [1]\nb: *a\n", "a: &a\n  b: *a\n", "&a [*a]",
    "a: &a {x: 1}\nb: {<<: *a}\n", "<<: {title: x}\n", "<<: [1, 2]\n", "<<: x\n",
    "a: !!python/object/apply:os.system ['touch /tmp/z']\n", "!!python/name:os.system\n",
    "!!python/object/new:type [x, [], {}]\n", "a: !!binary 'AAAA'\n", "a: !!binary '!'\n", "a: !!set {x, y}\n",
    "a: !!omap [x: 1]\n", "a: !!timestamp 'x'\n", "a: !!int x\n", "a: !!float x\n", "a: !!bool x\n", "a: !!null x\n",
    "!!str [a]\n", "!!map [a]\n", "!!seq {a: 1}\n", "!<tag:yaml.org,2002:pairs> [a]\n", "!x y\n", "a: 9999-99-99\n",
    "a: 2001-02-30\n", "2001-12-14: x\n", "a: 1:60:60\n", "a: 0b2\n", "a: 0o9\n", "a: " + "9" * 5000 + "\n",
    "a: 1e999\n", "a: .nan\n", "? [a]\n: b\n", "? {a: 1}\n: b\n", "a: 1\na: 2\n", "1: a\n1.0: b\ntrue: c\n",
    'a: "\\ud800"\n', 'a: "\\0"\n', 'a: "\\x1b[31m"\n', 'a: "\\u202e"\n', "a:\tb\n", "\ta: b\n", "a: b: c\n",
    "[" * 3000, "{" * 3000, "{a: " * 3000, "- " * 3000, "a:\n" + "".join(" " * n + "a:\n" for n in range(1, 900)),
    "[" * 900 + "]" * 900, "? " * 2000, "!!str " * 3000, "a: '" + "x" * LONG + "'\n",
    "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" if n else "l0: &l0 [x]\n" for n in range(9)),
]  # fmt: skip

# What may stand in YAML where something else must.
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2, 0.5, 0.95, 1.5, 95, 1e-320, 5e-324, 1 - 2**-53, 1e308, float("nan"), float("inf"),
    -float("inf"), 10**30, -(10**30), 2**63, 10**4000, [], {}, [[]], [None], [1, 2], ["a"], ["a", "a"], {"a": 1},
    {"": ""}, {1: 2}, {None: None}, {True: "x"}, {1.5: ["x"]}, [{}], [[["a"]]], b"bytes",
    {"a": {"b": {"c": {"d": 1}}}},
]  # fmt: skip
