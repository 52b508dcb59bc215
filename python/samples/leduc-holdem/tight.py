"""Bets what it has: raises with a king or a pair, gives up a jack against a raise."""

CALL, RAISE, FOLD, CHECK = range(4)


class Agent:
    def act(self, observation):
        cards, mask = observation["observation"], observation["action_mask"]
        own = next(rank for rank in range(3) if cards[rank])  # 0 jack, 1 queen, 2 king
        pair = bool(cards[3 + own])
        shown = bool(cards[3:6].any())
        strong = pair or (own == 2 and not shown)
        if strong and mask[RAISE]:
            return RAISE
        if mask[CHECK]:
            return CHECK
        weak = own == 0 if not shown else not pair and own < 2
        return FOLD if weak and mask[FOLD] else CALL
