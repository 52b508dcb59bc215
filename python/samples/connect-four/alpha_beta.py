"""Searches five moves ahead with alpha-beta on bit boards.

A side's pieces are the bits of one integer: column * 7 + height, height 0 at the bottom. The
seventh bit of each column stays empty, so that lines cannot wrap into the next column.
"""

import random

DEPTH = 5
ORDER = (3, 2, 4, 1, 5, 0, 6)
WIN = 1000
TOP = [1 << (column * 7 + 5) for column in range(7)]
BOTTOM = [1 << (column * 7) for column in range(7)]
COLUMN = [((1 << 6) - 1) << (column * 7) for column in range(7)]


def fours():
    """Every line of four, as bits."""
    lines = []
    for column in range(7):
        for height in range(6):
            for right, up in ((1, 0), (0, 1), (1, 1), (1, -1)):
                cells = [(column + i * right, height + i * up) for i in range(4)]
                if all(0 <= c < 7 and 0 <= h < 6 for c, h in cells):
                    lines.append(sum(1 << (c * 7 + h) for c, h in cells))
    return lines


LINES = fours()


class Agent:
    def act(self, observation):
        planes = observation["observation"]
        mine = theirs = 0
        for column in range(7):
            for height in range(6):
                bit = 1 << (column * 7 + height)
                mine |= bit * int(planes[5 - height, column, 0])
                theirs |= bit * int(planes[5 - height, column, 1])
        best, choices = -WIN * 2, []
        for column in ORDER:
            taken = mine | theirs
            if taken & TOP[column]:
                continue
            move = (taken + BOTTOM[column]) & COLUMN[column]
            score = -search(theirs, mine | move, DEPTH - 1, -WIN * 2, -best + 1)
            if score > best:
                best, choices = score, []
            if score == best:
                choices.append(column)
        return random.choice(choices)


def search(mine, theirs, depth, alpha, beta):
    """The position's worth to the side to move, which has the pieces `mine`."""
    if has_four(theirs):
        return -WIN - depth  # an early defeat is worse
    taken = mine | theirs
    if depth == 0:
        return evaluate(mine, theirs)
    best = None
    for column in ORDER:
        if taken & TOP[column]:
            continue
        move = (taken + BOTTOM[column]) & COLUMN[column]
        score = -search(theirs, mine | move, depth - 1, -beta, -alpha)
        if best is None or score > best:
            best = score
            alpha = max(alpha, score)
            if alpha >= beta:
                break
    return 0 if best is None else best


def has_four(pieces):
    for shift in (1, 7, 6, 8):
        pairs = pieces & (pieces >> shift)
        if pairs & (pairs >> 2 * shift):
            return True
    return False


def evaluate(mine, theirs):
    """Lines that one side alone can still fill, weighted by how full they are."""
    score = 0
    for line in LINES:
        own, other = line & mine, line & theirs
        if own and not other:
            score += own.bit_count() ** 2
        elif other and not own:
            score -= other.bit_count() ** 2
    return score
