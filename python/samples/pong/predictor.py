"""Computes where the ball will arrive, walls included, and waits there."""

LEFT, RIGHT = 0.07, 0.93  # x of the ball when it meets a paddle


class Agent:
    def __init__(self, player_id=0):
        self.player_id = player_id
        self.line = LEFT if player_id == 0 else RIGHT

    def act(self, observation):
        x, y, vx, vy = (float(value) for value in observation[:4])
        paddle_y = float(observation[4 + self.player_id])
        target = self.arrival(x, y, vx, vy)
        if target < paddle_y - 0.026:
            return 0
        if target > paddle_y + 0.026:
            return 2
        return 1

    def arrival(self, x, y, vx, vy):
        """Height of the ball when it reaches our side; the middle while it flies away."""
        approaching = vx < 0 if self.player_id == 0 else vx > 0
        if not approaching:
            return 0.5 + 0.4 * (y - 0.5)
        steps = max(0.0, (self.line - x) / vx)
        height = (y + vy * steps) % 2  # the walls mirror the field: unfold, then fold back
        return 2 - height if height > 1 else height
