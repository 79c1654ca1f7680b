"""The global maximum of the (restricted) likelihood in tau2 >= 0, for many data sets at once, and proven to be global.

A maximum is 0 or a root where the score falls. Most data sets are settled by a few values: one root, or none, and steps
by the bounds of `score` that leave no room for another. For the rest the line is divided until every root is alone, and
the highest maximum is taken. The letters are those of `score`.
"""

from __future__ import annotations

import numpy as np

from reanalysis.design import BoolArray, FloatArray, Places
from reanalysis.score import RISE, SHORTEST, WITHIN, Ends, Likelihood, Node, Search
from reanalysis.sets import Sets

# A first look takes this many values at most to a root, of which three are usual, and past what has no root, none
# closer than a step of u of this size. What it leaves is divided.
TO_ROOT, PAST, SETTLED = 6, 4, 0.05

# Into how many parts an interval that may hold several roots is divided, and how many numbers of one array that may
# cost: many where there is little to divide, because then calls cost more than numbers.
FEWEST_PARTS, MOST_PARTS, DIVIDED = 4, 32, 20_000

# The size of a step towards a root, in parts of c + tau2, that is the last, because the interpolation errs by its
# square times that of the step before.
FINAL = 3e-7

# Where more than this share of data sets goes on, all are kept; no more than that share is not worth a further value.
MOSTLY, FEW = 0.7, 0.01

# Rooms for data sets that are looked at, of which one is copied to another.
RISING, LIVE, CLEAR = "rising", "live", "clear"

# Of a step's error, what rounding would make anyway.
ROUNDING = 1e-14

# Steps to a root that is bracketed: three are usual, and halving alone needs one for each binary digit.
TO_ROOT_AT_MOST = 120


def global_maximum(sets: Sets, likelihood: Likelihood) -> FloatArray:
    """Return the tau2 >= 0 of the highest maximum, shape (n,): 0, or a root where the score falls through 0.

    Of two maxima of one height it is the smaller.
    """
    search = _search(sets, likelihood)
    inner, low, high = _brackets(search)
    roots = _polished(search.only(inner, RISING), low, high)
    owner, candidates = np.concatenate([np.arange(len(sets.k)), inner]), np.concatenate([np.zeros(len(sets.k)), roots])
    heights = likelihood.height(sets.only(owner).at(candidates))
    # By data set, the highest first; of two equal ones the smaller tau2.
    order = np.lexsort((candidates, -heights, owner))
    best: FloatArray = candidates[order[np.searchsorted(owner[order], np.arange(len(sets.k)))]]
    return best


def _brackets(whole: Search) -> tuple[Places, Node, Node]:
    """Return every root where q falls, as its data set and the nodes to its left and right.

    From tau2 = 0 to where q stays negative, intervals of u are divided until each is shown to hold one root at most.
    """
    owner, low, found = np.arange(len(whole.sets.k)), whole.node(whole.sets.zero), []
    path = _path(whole, owner, low, whole.furthest())
    while True:
        size = len(owner)
        low, high = path.only(slice(None, -size)), path.only(slice(size, None))
        owner = np.tile(owner, len(path.tau2) // size - 1)
        unsure, falls = _looked_at(whole.ends.only(owner), low, high)
        found.append((owner[falls], low.only(falls), high.only(falls)))
        if not len(unsure):
            break
        owner, high = owner[unsure], high.only(unsure)
        path = _path(whole, owner, low.only(unsure), high.tau2)
    owners, lows, highs = zip(*found, strict=True)
    return np.concatenate(owners), Node.joined(lows), Node.joined(highs)


def _path(whole: Search, owner: Places, low: Node, end: FloatArray) -> Node:
    """Return the nodes from `low` to the tau2 `end` of each interval, one after the other, of equal steps of u."""
    size = len(owner)
    parts = min(MOST_PARTS, max(FEWEST_PARTS, DIVIDED // (len(whole.sets.yi) * size)))
    steps = np.outer(np.arange(1, parts) / parts, whole.ends.only(owner).width(low.tau2, end)).ravel()
    many = np.tile(owner, parts)
    tau2 = whole.ends.only(many[size:]).moved(np.tile(low.tau2, parts - 1), steps)
    return Node.joined([low, whole.only(many, LIVE).at(np.concatenate([tau2, end]))])


def _looked_at(ends: Ends, low: Node, high: Node) -> tuple[Places, Places]:
    """Return which intervals between nodes may hold several roots, and which of the others one where q falls."""
    width = ends.width(low.tau2, high.tau2)
    kept_low, once_low = low.reach(1)
    kept_high, once_high = high.reach(-1)
    up, up_after = low.ratio > 1, high.ratio > 1
    # Where a sign that is kept from one side meets what is monotone from the other there is no root between equal
    # signs; between unequal ones there is one, also where it is monotone from both.
    none = np.maximum(kept_low + once_high, once_low + kept_high) >= width
    sure = np.where(up == up_after, none, once_low + once_high >= width)
    sure |= (width <= SHORTEST) | np.isnan(low.ratio + high.ratio) | (~up & ends.over(low))
    return np.flatnonzero(~sure), np.flatnonzero(sure & up & ~up_after)


def only_maximum(sets: Sets, likelihood: Likelihood) -> FloatArray:
    """Return the tau2 >= 0 of the only maximum, shape (n,); NaN where a first look does not show that there is one."""
    search = _search(sets, likelihood)
    start = search.node(sets.zero)
    found = np.full(len(start.tau2), np.nan)
    rises = start.ratio > 1
    falling, rising = np.flatnonzero(~rises), np.flatnonzero(rises)
    found[falling[_none_beyond(search, start.only(falling), falling)]] = 0.0
    guess = (sets.zero.ypy - sets.df) / sets.zero.trace_p
    if len(rising) > MOSTLY * len(found):
        # To look at all of them costs less than to copy these.
        return np.where(rises, _only_root(search, start, guess), found)
    found[rising] = _only_root(search.only(rising, RISING), start.only(rising), guess[rising])
    return found


def _search(sets: Sets, likelihood: Likelihood) -> Search:
    return Search(sets, likelihood, Ends(sets.smallest, sets.largest), sets.room.part("search"))


def _none_beyond(search: Search, node: Node, places: Places) -> BoolArray:
    """Whether q, which is not positive at a node, is shown to be so for every greater tau2.

    Parameters
    ----------
    node, places
        Of some data sets of the search: the node, and which they are.
    """
    sure, live, ends = np.zeros(len(places), bool), np.arange(len(places)), search.ends.only(places)
    for _ in range(PAST):
        over = ends.over(node)
        sure[live[over]] = True
        go = np.flatnonzero(~over & (node.ratio <= 1) & (node.kept >= SETTLED))
        if len(go) <= FEW * search.count:
            break
        live, node = live[go], node.only(go)
        part = search.only(places[live], LIVE)
        node, ends = part.at(part.ends.moved(node.tau2, node.kept)), part.ends
    return sure


def _none_before(search: Search, node: Node, goal: FloatArray) -> BoolArray:
    """Whether q, which is positive at a node, is shown to be so up to tau2 = goal."""
    sure = goal <= node.tau2
    live = np.flatnonzero(~sure)
    node, ends = node.only(live), search.ends.only(live)
    for _ in range(PAST):
        there = ends.moved(node.tau2, node.kept)
        over = (there >= goal[live]) & (node.ratio > 1)
        sure[live[over]] = True
        go = np.flatnonzero(~over & (node.ratio > 1) & (node.kept >= SETTLED))
        if len(go) <= FEW * search.count:
            break
        live = live[go]
        part = search.only(live, LIVE)
        node, ends = part.at(there[go]), part.ends
    return sure


def _only_root(search: Search, start: Node, guess: FloatArray) -> FloatArray:
    """Return the root of q, positive at tau2 = 0; NaN where a few steps do not show that there is only one.

    Parameters
    ----------
    start
        The node at tau2 = 0.
    guess
        Where to look first; not above 0 where nothing is known.
    """
    n, rises = len(guess), start.ratio > 1
    root, found = start.copy(), np.zeros(n, bool)
    live, part, before = np.arange(n), search, start
    with np.errstate(divide="ignore", invalid="ignore"):
        newton = np.where(start.slope < 0, (1 - start.inverse) * start.inverse_slope, search.ends.smallest)
    tau2 = np.where(guess > 0, guess, start.stepped(newton))
    for _ in range(TO_ROOT):
        node = part.at(tau2)
        step = _towards_root(before, node)
        tau2 = node.stepped(step)
        final = _is_final(node, step)
        new, ended = (tau2, *node.values[1:]), np.flatnonzero(final)
        found[live[ended]] = True
        if len(live) == n and len(ended) > FEW * n:
            for kept, one in zip(root.values, new, strict=True):
                np.copyto(kept, one, where=final)
        elif len(ended):
            for kept, one in zip(root.values, new, strict=True):
                kept[live[ended]] = one[ended]
        # A slope that rises leads nowhere, and what falls from the start has no root that is looked for.
        go = np.flatnonzero(~final & (node.slope < 0) & rises[live])
        if len(go) <= FEW * n:
            break
        before = node
        if len(go) < MOSTLY * len(live):
            live, tau2, before = live[go], tau2[go], node.only(go)
            part = search.only(live, LIVE)
    alone, clear = search.ends.around(root)
    found &= rises & _none_before(search, start, clear)
    slope = root.slope + root.error
    places = np.flatnonzero(found & ~alone & (slope < 0))
    # To the right q falls from the root at its slope and bends back by RISE at most.
    clear = search.ends.only(places).moved(root.tau2[places], WITHIN * -2 * slope[places] / RISE)
    found[places] = _none_beyond(search, search.only(places, CLEAR).at(clear), places)
    found &= slope < 0
    return np.where(found, root.tau2, np.nan)


def _is_final(node: Node, step: FloatArray) -> BoolArray:
    """Whether a step of tau2 from a node to a root is so short that it ends there."""
    size = np.abs(step) / node.span
    return (size <= FINAL) & (size * node.error <= ROUNDING * np.abs(node.slope))


def _towards_root(before: Node, node: Node) -> FloatArray:
    """Return the step of tau2 from a node to the root, by a cubic of tau2 in g / f through two nodes and their slopes.

    It is made of divided differences; where its step is far from Newton's it is the latter.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        rest, width = 1 - node.inverse, node.inverse - before.inverse
        newton = rest * node.inverse_slope
        chord = (node.tau2 - before.tau2) / width
        bend, bend_before = node.inverse_slope - chord, before.inverse_slope - chord
        further = rest * rest * (bend + (bend + bend_before) * (1 - before.inverse) / width) / width
        near = np.abs(further) <= np.abs(newton) / 2
        return newton + np.where(near, further, 0.0)


def _polished(search: Search, before: Node, node: Node) -> FloatArray:
    """Return the roots between nodes where q is positive and nodes above them where it is not.

    The bracket is kept: q need not fall all the way, and a step that leaves it, or goes up a rising q, is halved u.
    """
    low, high = before.tau2, node.tau2
    for _ in range(TO_ROOT_AT_MOST):
        step = _towards_root(before, node)
        there = node.tau2 + step
        final = _is_final(node, step) & (node.slope < 0)
        half = search.ends.width(low, high) / 2
        middle = np.minimum(np.maximum(search.ends.moved(low, half), low), high)
        inside = (low < there) & (there < high) & (node.slope < 0)
        tau2 = np.where(final, np.minimum(np.maximum(there, low), high), np.where(inside, there, middle))
        if (final | (middle <= low) | (middle >= high)).all():
            break
        before, node = node, search.at(tau2)
        up = node.ratio > 1
        low, high = np.where(up, tau2, low), np.where(up, high, tau2)
    return tau2
