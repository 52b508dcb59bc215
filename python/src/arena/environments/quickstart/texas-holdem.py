CALL, RAISE, FOLD, CHECK = range(4)


class Agent:
    """Raises when two or more of the cards it sees have one rank, else checks, calls or folds."""

    def act(self, observation):
        cards, mask = observation["observation"][:52].reshape(4, 13), observation["action_mask"]
        ranks = cards.sum(axis=0)
        high = ranks[[0, 9, 10, 11, 12]].any()  # an ace, ten, jack, queen or king
        if ranks.max() >= 2 and mask[RAISE]:
            return RAISE
        if mask[CHECK]:
            return CHECK
        return CALL if high and mask[CALL] else FOLD
