CALL, RAISE, FOLD, CHECK = range(4)


class Agent:
    """Raises with a pair or a king, folds a jack against a raise, else stays in."""

    def act(self, observation):
        cards, mask = observation["observation"], observation["action_mask"]
        own = next(rank for rank in range(3) if cards[rank])  # 0 jack, 1 queen, 2 king
        pair = bool(cards[3 + own])
        if (pair or own == 2) and mask[RAISE]:
            return RAISE
        if mask[CHECK]:
            return CHECK
        return FOLD if own == 0 and not pair else CALL
