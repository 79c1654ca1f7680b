"""The global maximum of the (restricted) likelihood in tau2 >= 0, for many data sets at once, and proven to be global.

A maximum is 0 or a root where the score falls. Most data sets are settled by a few values: one root, or none, and steps
by the bounds of `score` that leave no room for another. The rest are marched through from 0, step by step, and the
highest maximum is taken. The letters are those of `score`.
"""

from __future__ import annotations

import numpy as np

from reanalysis.design import BoolArray, FloatArray, Places
from reanalysis.score import RISE, WITHIN, Ends, Likelihood, Node, Search
from reanalysis.sets import Sets

# A first look takes this many values at most to a root, of which three are usual, and past what has no root, none
# closer than a step of u of this size. What it leaves is marched through, several steps at a time where it is little.
TO_ROOT, PAST, SETTLED = 6, 4, 0.05
ABREAST, AT_ONCE = 32, 3000

# How far in u it goes at once: numbers of this size are squared.
FURTHEST = 50.0

# How far in u a step towards a root may go; and the size of one that is the last, because the interpolation errs by its
# square times that of the step before.
MOST_AT_ONCE, FINAL = 5.0, 3e-7

# Where more than this share of data sets goes on, all are kept.
MOSTLY = 0.7

# Rooms for data sets that are looked at, of which one is copied to another.
RISING, LIVE, CLEAR = "rising", "live", "clear"

# Of a step's error, what rounding would make anyway.
ROUNDING = 1e-14

# Steps to a root in an interval of u as short as the shortest step: two are usual.
TO_ROOT_AT_MOST = 50


def global_maximum(sets: Sets, likelihood: Likelihood) -> FloatArray:
    """Return the tau2 >= 0 of the highest maximum, shape (n,): 0, or a root where the score falls through 0.

    Of two maxima of one height it is the smaller. Steps that pass over no root lead through all of them.
    """
    whole = search = _search(sets, likelihood)
    node, live = search.node(sets.zero), np.arange(len(sets.k))
    nowhere = live[:0]
    owners, befores, afters = [nowhere], [node.only(nowhere)], [node.only(nowhere)]
    while True:
        go = np.flatnonzero(~search.ends.over(node) & ~np.isnan(node.ratio))
        if not len(go):
            break
        live, node = live[go], node.only(go)
        # Several steps of one stride at a time, of which those count that every one before them allows.
        abreast = max(1, min(ABREAST, AT_ONCE // len(live)))
        many = np.tile(live, abreast)
        steps = np.minimum(np.outer(np.arange(1, abreast + 1), node.stride), FURTHEST).ravel()
        search = whole.only(many, LIVE)
        ahead = search.at(search.ends.moved(np.tile(node.tau2, abreast), steps))
        path = Node.joined([node, ahead])
        count = len(live)
        allowed = (path.stride[:-count] >= WITHIN * np.tile(node.stride, abreast)).reshape(abreast, count)
        passed = np.logical_and.accumulate(allowed, axis=0)
        falls = np.flatnonzero(passed.ravel() & (path.ratio[:-count] > 1) & (path.ratio[count:] <= 1))
        owners.append(many[falls])
        befores.append(path.only(falls))
        afters.append(path.only(falls + count))
        node = path.only(np.count_nonzero(passed, axis=0) * count + np.arange(count))
        search = whole.only(live, LIVE)
    inner = np.concatenate(owners)
    roots = _polished(whole.only(inner, RISING), Node.joined(befores), Node.joined(afters))
    owner, candidates = np.concatenate([np.arange(len(sets.k)), inner]), np.concatenate([np.zeros(len(sets.k)), roots])
    heights = likelihood.height(sets.only(owner).at(candidates))
    # By data set, the highest first; of two equal ones the smaller tau2.
    order = np.lexsort((candidates, -heights, owner))
    best: FloatArray = candidates[order[np.searchsorted(owner[order], np.arange(len(sets.k)))]]
    return best


def only_maximum(sets: Sets, likelihood: Likelihood) -> FloatArray:
    """Return the tau2 >= 0 of the only maximum, shape (n,); NaN where a first look does not show that there is one."""
    search = _search(sets, likelihood)
    start = search.node(sets.zero)
    found = np.full(len(start.q), np.nan)
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
    return Search(sets, likelihood, Ends(sets.vi.min(axis=0), sets.largest), sets.room.part("search"))


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
        if not len(go):
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
        if not len(go):
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
    n = len(guess)
    root, found = start.only(np.arange(n)), np.zeros(n, bool)
    live, part, before = np.arange(n), search, start
    with np.errstate(divide="ignore", invalid="ignore"):
        newton = np.where(start.slope < 0, np.minimum(-start.q / start.slope, MOST_AT_ONCE), 1.0)
    tau2 = np.where(guess > 0, guess, search.ends.moved(start.tau2, newton))
    for _ in range(TO_ROOT):
        node = part.at(tau2)
        step = _towards_root(part.ends, before, node)
        tau2 = part.ends.moved(node.tau2, step)
        final = _is_final(node, step)
        ended = np.flatnonzero(final)
        if len(ended):
            found[live[ended]] = True
            for kept, new in zip(root.values, (tau2, *node.values[1:]), strict=True):
                kept[live[ended]] = new[ended]
        # A slope that rises leads nowhere.
        go = np.flatnonzero(~final & (node.slope < 0))
        if not len(go):
            break
        before = node
        if len(go) < MOSTLY * len(live):
            live, tau2, before = live[go], tau2[go], node.only(go)
            part = search.only(live, LIVE)
    found &= (start.ratio > 1) & _none_before(search, start, search.ends.clear_before(root))
    slope = root.slope + root.error
    places = np.flatnonzero(found & ~search.ends.alone(root) & (slope < 0))
    # To the right q falls from the root at its slope and bends back by RISE at most.
    clear = search.ends.only(places).moved(root.tau2[places], WITHIN * -2 * slope[places] / RISE)
    found[places] = _none_beyond(search, search.only(places, CLEAR).at(clear), places)
    found &= slope < 0
    return np.where(found, root.tau2, np.nan)


def _is_final(node: Node, step: FloatArray) -> BoolArray:
    """Whether a step from a node to a root is so short that it ends there."""
    size = np.abs(step)
    return (size <= FINAL) & (size * node.error <= ROUNDING * np.abs(node.slope))


def _towards_root(ends: Ends, before: Node, node: Node) -> FloatArray:
    """Return the step of u from a node to the root, by the cubic of u in q through two nodes and their slopes.

    Where that is far from Newton's step it is the latter.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        newton = -node.q / node.slope
        width = node.q - before.q
        share = -before.q / width
        rest = 1 - share
        back = np.log((ends.smallest + before.tau2) / (ends.smallest + node.tau2))
        step = (1 + 2 * share) * rest**2 * back + width * share * rest * (rest / before.slope - share / node.slope)
        near = np.abs(step - newton) <= np.abs(newton) / 2
    return np.minimum(np.maximum(np.where(near, step, newton), -MOST_AT_ONCE), MOST_AT_ONCE)


def _polished(search: Search, before: Node, node: Node) -> FloatArray:
    """Return the roots between nodes where q is positive and nodes close to them where it is not."""
    low, high, tau2 = before.tau2, node.tau2, node.tau2
    for _ in range(TO_ROOT_AT_MOST):
        step = _towards_root(search.ends, before, node)
        tau2 = np.minimum(np.maximum(search.ends.moved(node.tau2, step), low), high)
        if (_is_final(node, step) | (tau2 == node.tau2)).all():
            break
        before, node = node, search.at(tau2)
    return tau2
