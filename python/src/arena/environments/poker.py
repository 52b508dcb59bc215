"""Limit poker of PettingZoo's classic family: matches of many hands.

One hand says little about two agents. A match is a series of deals, each played once from every
place at the table: whoever gets good cards at one time sees them at the others' in another hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from random import Random
from typing import Any

from arena.environments.base import Environment, EnvironmentSpec
from arena.environments.catalogue import catalogue_config, quick_start, space
from arena.environments.pettingzoo_games import make_aec

_ACTIONS = ("call", "raise", "fold", "check")
_CALL, _RAISE, _FOLD, _CHECK = range(4)
_MASK = "action_mask: int8 array of 4"


class LimitPoker(Environment):
    """Deals hands until all are played. Rewards are chips won or lost, in big blinds.

    The library's places at the table turn from hand to hand: in hand h, seat s sits at place
    (s + h) modulo the number of seats. Hands of the same deal have the same cards at each place.
    """

    action_count = len(_ACTIONS)

    def __init__(self, spec: EnvironmentSpec, name: str, hands: int) -> None:
        self.spec = spec
        self._name = name
        self._hands_wanted = hands
        self._sit_down(spec.min_players)

    def reset(self, seed: int, seats: int) -> None:
        if seats != self._seat_count:
            self._sit_down(seats)
        random = Random(seed)
        self._deal_seeds = [random.getrandbits(32) for _ in range(self._hands // seats)]
        self._hand = 0
        self._steps = 0
        self._chips = [0.0] * seats
        self._last: tuple[int, int] | None = None
        self._finished: dict[str, Any] | None = None
        self._begin_hand()

    def to_move(self) -> Sequence[int]:
        return (self._seat(self._places.index(self._game.agent_selection)),)

    def observation(self, seat: int) -> Any:
        seen = self._game.observe(self._places[self._place(seat)])
        if (seat,) != self.to_move():
            # The library shows everybody the mask of who is to move.
            seen["action_mask"][:] = 0
        return seen

    def illegal_reason(self, seat: int, action: int) -> str | None:
        if action in self._game.next_legal_moves:
            return None
        allowed = ", ".join(_ACTIONS[legal] for legal in sorted(self._game.next_legal_moves))
        return f"{_ACTIONS[action]} is not allowed now, but {allowed}"

    def step(self, actions: Mapping[int, int]) -> Sequence[float]:
        (seat,) = self.to_move()
        self._last = (seat, actions[seat])
        self._finished = None
        self._steps += 1
        self._game.step(actions[seat])
        if not any(self._game.terminations.values()):
            return [0.0] * self._seat_count
        won = [
            float(self._game.rewards[self._places[self._place(seat)]])
            for seat in range(self._seat_count)
        ]
        self._chips = [before + more for before, more in zip(self._chips, won, strict=True)]
        # The next hand is dealt at once: what this one came to is shown beside its start.
        self._finished = {**self._table(), "won": won}
        self._hand += 1
        if not self.over:
            self._begin_hand()
        return won

    @property
    def over(self) -> bool:
        return self._hand >= self._hands or self._steps >= self.spec.max_steps

    def frame_info(self) -> dict[str, Any]:
        seat, action = self._last or (None, None)
        return {
            **(self._finished or self._table()),
            "won": self._finished["won"] if self._finished else None,
            "hand_number": min(self._hand + (not self._finished), self._hands),
            "hand_count": self._hands,
            "chips": list(self._chips),
            "last_seat": seat,
            "last_action": None if action is None else _ACTIONS[action],
            "to_move": None if self.over else self.to_move()[0],
        }

    def describe_action(self, action: int) -> str:
        return _ACTIONS[action]

    def stand_in(self, seat: int) -> int | None:
        """Checks or folds: the others play on for what is in the pot."""
        return _CHECK if _CHECK in self._game.next_legal_moves else _FOLD

    def _sit_down(self, seats: int) -> None:
        # Leduc is for two in the library and does not ask.
        settings = {} if self.spec.max_players == 2 else {"num_players": seats}
        self._game = make_aec(self._name, **settings)
        self._places: list[str] = list(self._game.possible_agents)
        self._seat_count = len(self._places)
        if self._seat_count != seats:
            raise ValueError(f"{self.spec.id} has {self._seat_count} seats, not {seats}")
        # Every deal once from each place.
        self._hands = max(1, self._hands_wanted // seats) * seats

    def _begin_hand(self) -> None:
        self._game.reset(seed=self._deal_seeds[self._hand // self._seat_count])

    def _place(self, seat: int) -> int:
        return (seat + self._hand) % self._seat_count

    def _seat(self, place: int) -> int:
        return (place - self._hand) % self._seat_count

    def _table(self) -> dict[str, Any]:
        """Cards and bets of the hand, by seat; a card is its rank and its suit, such as TH."""
        game = self._game.env.game
        players = [game.players[self._place(seat)] for seat in range(self._seat_count)]
        held = [p.hand if isinstance(p.hand, list) else [p.hand] for p in players]
        public = game.public_cards if hasattr(game, "public_cards") else [game.public_card]
        return {
            "hands": [[_card(card) for card in cards] for cards in held],
            "public_cards": [_card(card) for card in public if card is not None],
            "bets": [int(player.in_chips) for player in players],
            "folded": [_status(player) == "folded" for player in players],
        }


def leduc_holdem() -> LimitPoker:
    """Leduc hold'em: three ranks in two suits, one card each and one in the middle."""
    hands, max_steps = 40, 400
    spec = EnvironmentSpec(
        id="leduc-holdem",
        name="Leduc Hold'em",
        description=f"Poker with six cards, {hands} hands.",
        version=f"leduc_holdem_v4-pettingzoo-{version('pettingzoo')}-rlcard-{version('rlcard')}",
        min_players=2,
        max_players=2,
        max_steps=max_steps,
        source="pettingzoo-aec",
        config=catalogue_config(
            rules=(
                "The deck has jack, queen and king in two suits. Each player gets one card and "
                "bets, then one card is shown to both and they bet again: raises of 2 chips in the "
                "first round and of 4 in the second, at most two a round. A pair with the shown "
                f"card wins, else the higher card. {hands} hands are played; each deal is played "
                "twice, with the places changed."
            ),
            action_space=_actions(),
            observation_space=space(
                "Dict",
                [36],
                "0 or 1",
                "observation: float32 array of 36: own card (J, Q, K), shown card (J, Q, K), own "
                f"chips in the pot (0 to 14), the opponent's chips (0 to 14); {_MASK}",
            ),
            scoring="The sum over all hands of chips won, less chips lost, in big blinds.",
            configuration={
                "hands": hands,
                "small_blind": 1,
                "big_blind": 2,
                "max_steps": max_steps,
            },
            quick_start=quick_start("leduc-holdem"),
            renderer="cards",
        ),
    )
    return LimitPoker(spec, "classic/leduc_holdem-v4", hands)


def texas_holdem() -> LimitPoker:
    """Limit Texas hold'em for two to six."""
    hands, max_steps = 24, 2400
    spec = EnvironmentSpec(
        id="texas-holdem",
        name="Limit Texas Hold'em",
        description=f"Poker for two to six, {hands} hands.",
        version=f"texas_holdem_v4-pettingzoo-{version('pettingzoo')}-rlcard-{version('rlcard')}",
        min_players=2,
        max_players=6,
        max_steps=max_steps,
        source="pettingzoo-aec",
        config=catalogue_config(
            rules=(
                "Each player gets two cards; five are shown to all in the middle, three, one and "
                "one, with a round of betting before, between and after. A raise is 2 chips in the "
                "first two rounds and 4 in the last two, at most four a round. The best five of "
                f"seven cards win. About {hands} hands are played; each deal is played once from "
                "every place. Who forfeits checks or folds from then on and is ranked last."
            ),
            action_space=_actions(),
            observation_space=space(
                "Dict",
                [72],
                "0 or 1",
                "observation: float32 array of 72: own and shown cards (A, 2 to 10, J, Q, K of "
                "spades, hearts, diamonds, clubs), then for each of the four rounds how often was "
                f"raised (0 to 4); {_MASK}",
            ),
            scoring="The sum over all hands of chips won, less chips lost, in big blinds.",
            configuration={
                "hands": hands,
                "small_blind": 1,
                "big_blind": 2,
                "max_steps": max_steps,
            },
            quick_start=quick_start("texas-holdem"),
            renderer="cards",
        ),
    )
    return LimitPoker(spec, "classic/texas_holdem-v4", hands)


def _actions() -> dict[str, Any]:
    text = "0 = call, 1 = raise, 2 = fold, 3 = check; only where the action mask is 1"
    return space("Discrete", [4], "0 to 3", text)


def _card(card: Any) -> str:
    return f"{card.rank}{card.suit}"


def _status(player: Any) -> str:
    """Text in Leduc, an enum in Texas hold'em."""
    return str(getattr(player.status, "name", player.status)).lower()
