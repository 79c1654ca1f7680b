"""A printed cell as tokens: what kind each is, and which characters it stands on.

How numbers are written differs between journals, and one cell keeps to one way: a style says what a comma means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

# Full-width characters of Chinese and Japanese print, one for one, so that places in the cell stay the same.
PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x3001: ",", 0x2236: ":"}

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
POINT_MARKS = ".·•∙‧"
DASHES = "-\u00ad\u2010-\u2015\u2043\u2212"
SPACES = "\u00a0\u2009\u202f '’"

# After a number: no letter and no further digit; but a footnote mark, flattened or raised, or "to" may stand there.
NO_MORE = rf"(?: (?![^\W{SUPERSCRIPTS}ᵃ-ᵡ]) | (?=[abc](?!\w)) | (?=to[\s\d.]) )"


@dataclass(frozen=True)
class Style:
    """One way of writing numbers.

    Parameters
    ----------
    name
        For messages.
    decimal
        The characters that may be the decimal mark, for a class of a regular expression.
    thousands
        The characters that may part thousands, the same way.
    """

    name: str
    decimal: str
    thousands: str

    @property
    def plain(self) -> str:
        """The pattern of a number without an exponent."""
        grouped = rf"[1-9]\d{{0,2}}(?:([{self.thousands}])\d{{3}})(?:\1\d{{3}})*(?:[{self.decimal}]\d+)?"
        grouped = grouped.replace("([", "(?P<part>[").replace(r"\1", "(?P=part)")
        return rf"(?: {grouped} | \d+(?:[{self.decimal}]\d+)? | [{self.decimal}]\d+ ) (?! [.{self.decimal}]\d | \d )"

    @property
    def simple(self) -> str:
        """The pattern of a number without thousands."""
        return rf"(?: \d+(?:[{self.decimal}]\d+)? | [{self.decimal}]\d+ )"


POINT = Style("a point before decimals, a comma between thousands", POINT_MARKS, f",{SPACES}")
SEPARATED = Style("a point before decimals, a comma between numbers", POINT_MARKS, SPACES)
COMMA = Style("a comma before decimals", ",", f".{SPACES}")

# What review.yaml may declare under decimal_mark, and the styles it leaves open.
STYLES: dict[str, tuple[Style, ...]] = {
    "": (POINT, SEPARATED, COMMA),
    "point": (POINT, SEPARATED),
    "comma": (COMMA,),
}

# The names of measures; abbreviations in capitals only, since "or" is a word.
MEASURES = {
    "HR": r"hazards?\s+ratios?",
    "OR": r"odds\s+ratios?",
    "RR": r"relative\s+risks?|risk\s+ratios?",
    "IRR": r"(?:incidence\s+|mortality\s+)?rate\s+ratios?",
    "SMD": r"standardi[sz]ed\s+mean\s+differences?|hedges['’]?s?\s+g|cohen['’]?s?\s+d",
    "MD": r"(?:weighted\s+)?mean\s+differences?",
    "RD": r"risk\s+differences?",
    "TR": r"time\s+ratios?",
}
ADJUSTED = r"adj(?:usted|\.)?|multi-?varia(?:te|ble)|cox|cause-specific|sub-?distribution"
UNADJUSTED = r"un-?adjusted|crude|uni-?varia(?:te|ble)"
# A contrast that tells estimates apart by their adjustment alone: they are of the same groups.
ADJUSTMENT = re.compile(rf"(?:{UNADJUSTED}|{ADJUSTED})", re.IGNORECASE)

POWER = rf"(?: \^\s*[{DASHES}+]?\s*\d+ | [⁻⁺]?[{SUPERSCRIPTS}]+ )"


@cache
def pattern(style: Style) -> re.Pattern[str]:
    """Return the pattern of one token.

    Order matters: "95%CI" before the number 95, "p <" before the word p, "R1" as a word, not as a number.
    """
    plain, simple = style.plain, style.simple
    level = rf"(?: {simple}\s*% | [5-9]\d(?:[{style.decimal}]\d+)?(?!\d) )"
    ci = (
        r"(?: C\.?I\.?s? | I\.?C\.? | K\.?I\.? | C\.?L\.? | conf(?:idence|\.)\s*(?:intervals?|limits?|int\.?)"
        r" | konfidenzintervall | (?:intervalle|intervalo)\s+(?:de\s+)?confian[cz][ea] )"
    )
    names = "|".join(MEASURES.values())
    return re.compile(
        rf"""
          (?P<CREDIBLE> (?:{level}\s*)? (?: CrI | credib(?:le|ility)\s+intervals? | HPD | HDI ) (?!\w) )
        | (?P<CI>       (?:two-sided\s+)? (?: {level}[\s-]* {ci} | (?:CI|IC|C\.I\.)\s*(?:à\s*)?\(?\s*{level}\s*\)?
                        | (?:C\.?I\.?|conf\w*\s+intervals?) (?![^\W\d_]) ) (?![^\W\d_])
                        (?: \s*[(\[]\s*(?:{level}\s*)?C\.?I\.?\s*[)\]] )? )
        | (?P<OTHERP>   p[\s_(-]*(?:values?\s*)?(?:for\s+|of\s+)?(?:the\s+)?
                        (?:trend|inter(?:action)?|heterogeneity|het)(?!\w)\)?
                        \s*(?:was\s+|of\s+)? )
        | (?P<SIDES>    (?: one | two | 1 | 2 )[\s-]*(?: sided | tailed )(?!\w) )
        | (?P<TEST>     (?: log[\s-]?rank | wald | likelihood[\s-]ratio | score ) (?:\s+test)? [\s,:]* (?=p\b) )
        | (?P<P>        p (?:[\s-]*values?)? (?: \s*(?=[=<>≤≥⩽⩾≦≧:(]) | \s+(?:was\s+|of\s+)?(?=[\d{style.decimal}<>≤≥=])
                        | (?=\s*n\.?s(?!\w)) | (?=\s*values?\b) ) )
        | (?P<NS>       n\.\s?s\.? | nicht\s+signifikant(?!\w) | non\s+significati[fv][eo]?(?!\w)
                        | (?-i:NS|ns)(?!\w) | non?[\s-]*significant(?!\w)
                        | not\s+(?:statistically\s+)?significant(?!\w) )
        | (?P<REFERENCE> ref(?:\.|erence|erent)?(?!\w) (?: \s*(?:group|category|level) )? )
        | (?P<MEASURE>  (?: (?:{UNADJUSTED}|{ADJUSTED}|a(?=[HORI])|s(?=HR)) [\s-]* )*
                        (?: (?-i:{"|".join(MEASURES)}|WMD)(?:s|adj)? | {names} | (?-i:[gd])(?=\s*=) )
                        (?: (?=\d[{style.decimal}]\d) | (?!\w) ) )
        | (?P<SE>       (?: s\.?e\.?(?:m\.?)? | standard\s+errors? ) (?= [\s=:,]+ [\d{style.decimal}] ) )
        | (?P<TIME>     \d+[{DASHES}](?:days?|weeks?|months?|mo|years?|yrs?|hours?|h)(?!\w) )
        | (?P<NUMBER>   {simple} \s*[×x*]\s* 10 \s*(?: {POWER} | [{DASHES}]\s*\d+ ) (?!\w)
                        | {simple} \s*[·⋅∙]\s* 10 \s*{POWER} (?!\w)
                        | {simple} e[{DASHES}+]?\d+ (?!\w)
                        | 10\s*{POWER} (?!\w)
                        | (?> {plain} ) {NO_MORE} )
        | (?P<PERCENT>  % )
        | (?P<DASH>     [{DASHES}~∼〜] | (?:to|through|bis|à)(?![^\W\d]) )
        | (?P<LOGIC>    <\s*= | >\s*= | [<>≤≥⩽⩾≦≧] )
        | (?P<EQUALS>   = )
        | (?P<OPEN>     [(\[{{] )
        | (?P<CLOSE>    [)\]}}] )
        | (?P<COMMA>    [,;:] )
        | (?P<LABEL>    (?: if | in | among | when | with | for | of )(?!\w) )
        | (?P<MARK>     [*†‡§¶‖#]+ | [{SUPERSCRIPTS}ᵃ-ᵡ]+ | (?<=[)\]\d])[abc](?:,[abc])*(?!\w)
                        | \+(?=[\d{style.decimal}]) )
        | (?P<PLUSMINUS> ± | \+/[{DASHES}] )
        | (?P<WORD>     [^\W\d_][\w.+/'’&]*(?:[{DASHES}][^\W\d_][\w.+/'’&]*)* | [\w.]*\w[\w.+/'’%]* | . )
        """,
        re.VERBOSE | re.IGNORECASE | re.DOTALL,
    )


@dataclass(frozen=True)
class Token:
    """A piece of a cell.

    Parameters
    ----------
    kind
        The name of its group in `pattern`.
    text
        Its characters, full-width ones made plain.
    start, end
        Where they stand in the cell, counted from 0, the end excluded.
    """

    kind: str
    text: str
    start: int
    end: int


def tokens(cell: str, style: Style = POINT) -> list[Token]:
    """Return the tokens of a cell, white space left out. Every other character is in one of them."""
    text = cell.translate(PLAIN)
    find = pattern(style).match
    found = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = find(text, position)
        if match is None or match.lastgroup is None:  # the WORD group takes any character
            raise AssertionError(cell[position:])
        kind = next(name for name, value in match.groupdict().items() if value is not None and name != "part")
        characters = match.group().rstrip()
        kind = "WORD" if kind == "TIME" else kind
        found.append(Token(kind, characters, match.start(), match.start() + len(characters)))
        position = match.end()
    return found


def canonical(text: str, style: Style) -> str:
    """Return the characters of a NUMBER token as plain decimals: "0.72" for "0,72", "2.3e-5" for "2.3 × 10⁻⁵"."""
    power = re.search(rf"[×x*^{SUPERSCRIPTS}]", text) is not None
    for place, sign in enumerate(SUPERSCRIPTS):
        text = text.replace(sign, str(place))
    text = re.sub(rf"[{DASHES}⁻]", "-", text.replace("⁺", "+"))
    mantissa, exponent = text, ""
    times = re.fullmatch(r"(?s)(?:(.*?)\s*[×x*·⋅∙]\s*)?10\s*\^?\s*([-+]?)\s*(\d+)", text)
    scientific = re.fullmatch(r"(?s)(.*?)[eE]([-+]?)(\d+)", text)
    if times and power:
        mantissa, exponent = times[1] or "1", f"{times[2]}{times[3]}"
    elif scientific:
        mantissa, exponent = scientific[1], f"{scientific[2]}{scientific[3]}"
    mantissa = re.sub(rf"[{style.thousands}](?=\d{{3}})", "", mantissa)
    mantissa = re.sub(rf"[{style.decimal}]", ".", mantissa)
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa
