class Agent:
    """Keeps its paddle at the height of the ball."""

    def __init__(self, player_id=0):
        self.mine = 4 + player_id  # where my paddle's height stands in the observation

    def act(self, observation):
        difference = observation[1] - observation[self.mine]
        if difference > 0.05:
            return 2  # down
        if difference < -0.05:
            return 0  # up
        return 1  # stay
