"""Raises with a pair of its own or better, calls with high cards, else gives up."""

CALL, RAISE, FOLD, CHECK = range(4)
HIGH = [0, 9, 10, 11, 12]  # ace, ten, jack, queen, king


class Agent:
    def act(self, observation):
        cards, mask = observation["observation"][:52].reshape(4, 13), observation["action_mask"]
        ranks, suits = cards.sum(axis=0), cards.sum(axis=1)
        pairs = int((ranks >= 2).sum())
        seen = int(cards.sum())
        strong = ranks.max() >= 3 or suits.max() >= 5 or pairs >= (1 if seen < 7 else 2)
        if strong and mask[RAISE]:
            return RAISE
        if mask[CHECK]:
            return CHECK
        hopeful = strong or pairs or (seen <= 5 and ranks[HIGH].sum() >= 2)
        return CALL if hopeful and mask[CALL] else FOLD
