"""Fails in its first move, to show what the author of a failing agent is told."""


class Agent:
    def __init__(self, player_id=0):
        self.player_id = player_id

    def act(self, observation):
        ball_y = observation[1]
        return 2 if ball_y > self.paddle_y else 0  # nobody has set paddle_y
