// One drawing per kind of game. draw(pen, info, replay, at) fills a field of 800 x 600; rate is in steps a
// second; move(step) names what was done in a step, where the state tells it better than the action.

const WIDTH = 800, HEIGHT = 600;

const drawings = {
  pong: {
    rate: 60,
    draw(pen, info, replay, at) {
      const paddle = (replay.configuration.paddle_height || 0.2) * HEIGHT;
      pen.strokeStyle = "#444466";
      pen.lineWidth = 2;
      pen.setLineDash([10, 10]);
      line(pen, WIDTH / 2, 0, WIDTH / 2, HEIGHT);
      pen.setLineDash([]);
      info.paddle_positions.forEach((y, seat) => {
        pen.fillStyle = COLOURS[seat];
        pen.fillRect((seat ? 0.95 : 0.05) * WIDTH - 5, y * HEIGHT - paddle / 2, 10, paddle);
      });
      // A trail of the last steps, broken where a point put the ball back into the middle.
      for (let back = Math.min(14, at); back > 0; back--) {
        const then = replay.frames[at - back].info;
        if (then.scores.join() !== info.scores.join()) continue;
        fillCircle(pen, then.ball_pos[0] * WIDTH, then.ball_pos[1] * HEIGHT, 7 - back * 0.35, "rgba(255,255,255," + 0.28 * (1 - back / 15) + ")");
      }
      fillCircle(pen, info.ball_pos[0] * WIDTH, info.ball_pos[1] * HEIGHT, 8, "white");
      info.scores.forEach((score, seat) => write(pen, String(score), (seat ? 0.65 : 0.35) * WIDTH, 60, 48, "white", "center", "bold"));
    },
  },

  board: {
    rate: 1.5,
    draw(pen, info) {
      const rows = info.board.length, columns = info.board[0].length, falling = rows !== columns;
      const cell = Math.min((WIDTH - 60) / columns, (HEIGHT - 60) / rows);
      const left = (WIDTH - cell * columns) / 2, top = (HEIGHT - cell * rows) / 2;
      const won = winningCells(info.board, falling ? 4 : 3);
      if (falling) {
        pen.fillStyle = "#23366e";
        pen.beginPath();
        pen.roundRect(left - 8, top - 8, cell * columns + 16, cell * rows + 16, 14);
        pen.fill();
      } else {
        pen.strokeStyle = "#55557a";
        pen.lineWidth = 5;
        pen.lineCap = "round";
        for (let i = 1; i < rows; i++) {
          line(pen, left + 12, top + i * cell, left + cell * columns - 12, top + i * cell);
          line(pen, left + i * cell, top + 12, left + i * cell, top + cell * rows - 12);
        }
      }
      info.board.forEach((row, r) => row.forEach((owner, c) => {
        const x = left + (c + 0.5) * cell, y = top + (r + 0.5) * cell;
        const highlit = won.some(([wr, wc]) => wr === r && wc === c);
        if (falling) {
          fillCircle(pen, x, y, cell * 0.4, owner ? COLOURS[owner - 1] : "#12182e");
          if (owner) fillCircle(pen, x, y, cell * 0.3, "rgba(0,0,0,0.13)");
          if (highlit) ring(pen, x, y, cell * 0.4, "#fff", cell * 0.07);
          else if (isLast(info, r, c)) ring(pen, x, y, cell * 0.14, "#fff", cell * 0.04);
          return;
        }
        if (highlit || isLast(info, r, c)) {
          pen.fillStyle = highlit ? "rgba(255,214,102,0.25)" : "rgba(255,255,255,0.07)";
          pen.fillRect(x - cell / 2 + 8, y - cell / 2 + 8, cell - 16, cell - 16);
        }
        pen.strokeStyle = COLOURS[owner - 1];
        pen.lineWidth = cell / 11;
        pen.lineCap = "round";
        if (owner === 1) {
          const arm = cell * 0.26;
          line(pen, x - arm, y - arm, x + arm, y + arm);
          line(pen, x - arm, y + arm, x + arm, y - arm);
        } else if (owner === 2) ring(pen, x, y, cell * 0.29, COLOURS[1], cell / 11);
      }));
      if (falling) for (let c = 0; c < columns; c++) write(pen, String(c), left + (c + 0.5) * cell, top + cell * rows + 20, 15, "#9a9ab0");
    },
  },

  chess: {
    rate: 2,
    draw(pen, info) {
      const cell = 68, left = (WIDTH - 8 * cell) / 2, top = (HEIGHT - 8 * cell) / 2 - 6;
      const marked = info.last_move ? [info.last_move.slice(0, 2), info.last_move.slice(2, 4)] : [];
      const [placement, toMove] = info.fen.split(" ");
      placement.split("/").forEach((text, r) => {
        const row = text.replace(/\d/g, (count) => " ".repeat(Number(count)));
        for (let c = 0; c < 8; c++) {
          const x = left + c * cell, y = top + r * cell, square = "abcdefgh"[c] + (8 - r), piece = row[c];
          pen.fillStyle = (r + c) % 2 ? "#5d6f8f" : "#c9d3e3";
          pen.fillRect(x, y, cell, cell);
          if (marked.includes(square)) {
            pen.fillStyle = "rgba(255,214,102,0.5)";
            pen.fillRect(x, y, cell, cell);
          }
          if (info.check && piece === (toMove === "w" ? "K" : "k")) {
            pen.fillStyle = "rgba(255,40,60,0.6)";
            pen.fillRect(x, y, cell, cell);
          }
          if (piece === " ") continue;
          const white = piece === piece.toUpperCase();
          fillShape(pen, PIECES[piece.toLowerCase()], x + cell * 0.06, y + cell * 0.03, cell * 0.88, white ? "#fbfbf5" : "#1b1b26", white ? "#33334a" : "#e8e8ee");
        }
      });
      for (let i = 0; i < 8; i++) {
        write(pen, "abcdefgh"[i], left + (i + 0.5) * cell, top + 8 * cell + 14, 14, "#9a9ab0");
        write(pen, String(8 - i), left - 14, top + (i + 0.5) * cell, 14, "#9a9ab0");
      }
      const materials = material(placement);
      if (materials) write(pen, "+" + Math.abs(materials), left + 8 * cell + 28, materials > 0 ? top + 7.5 * cell : top + 0.5 * cell, 18, "#ffd666", "center", "bold");
      // The first seat plays white, from below.
      fillCircle(pen, left - 40, top + 7.5 * cell, 8, COLOURS[0]);
      fillCircle(pen, left - 40, top + 0.5 * cell, 8, COLOURS[1]);
    },
    move: (info) => info.last_move,
  },

  go: {
    rate: 4,
    draw(pen, info) {
      const size = info.board.length, cell = Math.min(66, 540 / size);
      const left = (WIDTH - cell * (size - 1)) / 2, top = (HEIGHT - cell * (size - 1)) / 2 - 8;
      pen.fillStyle = "#d9b26a";
      pen.beginPath();
      pen.roundRect(left - cell * 0.7, top - cell * 0.7, cell * (size + 0.4), cell * (size + 0.4), 8);
      pen.fill();
      pen.strokeStyle = "#5b4420";
      pen.lineWidth = 1.5;
      for (let i = 0; i < size; i++) {
        line(pen, left, top + i * cell, left + (size - 1) * cell, top + i * cell);
        line(pen, left + i * cell, top, left + i * cell, top + (size - 1) * cell);
      }
      const stars = size === 9 ? [2, 4, 6] : size === 19 ? [3, 9, 15] : [];
      stars.forEach((r) => stars.forEach((c) => fillCircle(pen, left + c * cell, top + r * cell, 4, "#5b4420")));
      info.board.forEach((row, r) => row.forEach((owner, c) => {
        if (!owner) return;
        const x = left + c * cell, y = top + r * cell, radius = cell * 0.46;
        const shade = pen.createRadialGradient(x - radius * 0.35, y - radius * 0.35, radius * 0.1, x, y, radius);
        shade.addColorStop(0, owner === 1 ? "#5a5a62" : "#ffffff");
        shade.addColorStop(1, owner === 1 ? "#101014" : "#c9c9c9");
        fillCircle(pen, x + 1.5, y + 2.5, radius, "rgba(0,0,0,0.25)");
        fillCircle(pen, x, y, radius, shade);
        if (info.last_action === r * size + c) ring(pen, x, y, radius * 0.5, owner === 1 ? COLOURS[0] : COLOURS[1], 4);
      }));
      const lead = info.score > 0 ? "black +" + info.score : "white +" + -info.score;
      write(pen, "Captured by black " + info.captures[0] + ", by white " + info.captures[1] + "   \u00b7   on the board now: " + lead, WIDTH / 2, HEIGHT - 14, 15, "#b9b9cc");
      if (info.last_action === size * size) write(pen, "pass", WIDTH / 2, HEIGHT / 2 - 8, 60, "rgba(20,20,30,0.75)", "center", "bold");
    },
  },

  cards: {
    rate: 1.2,
    draw(pen, info, replay) {
      pen.fillStyle = "#14532f";
      pen.beginPath();
      pen.ellipse(WIDTH / 2, HEIGHT / 2 - 4, 300, 175, 0, 0, 2 * Math.PI);
      pen.fill();
      pen.strokeStyle = "#2d7a4c";
      pen.lineWidth = 8;
      pen.stroke();
      write(pen, "Hand " + info.hand_number + " of " + info.hand_count, WIDTH / 2, 208, 16, "#bfe3cd");
      const open = info.public_cards, slot = 62;
      const pot = info.bets.reduce((sum, bet) => sum + bet, 0);
      open.forEach((card, i) => drawCard(pen, card, WIDTH / 2 + (i - open.length / 2) * slot + 4, 232, slot - 8));
      if (!open.length) write(pen, "no card shown yet", WIDTH / 2, 270, 15, "#7fb894");
      write(pen, "Pot " + pot, WIDTH / 2, 342, 22, "#fff", "center", "bold");
      const seats = info.hands.length;
      info.hands.forEach((cards, seat) => {
        // The first seat sits below, the others follow clockwise.
        const angle = Math.PI / 2 + 2 * Math.PI * seat / seats;
        const x = WIDTH / 2 + Math.cos(angle) * 305, y = HEIGHT / 2 - 4 + Math.sin(angle) * 214;
        const folded = info.folded[seat], moving = info.to_move === seat && !info.won;
        const width = seats > 2 ? 46 : 58, top = y - width * 0.7 - 12;
        pen.fillStyle = moving ? "#2b2b4d" : "#1a1a30";
        pen.strokeStyle = COLOURS[seat % COLOURS.length];
        pen.lineWidth = moving ? 4 : 1.5;
        pen.beginPath();
        pen.roundRect(x - 88, top - 10, 176, width * 1.4 + 52, 10);
        pen.fill();
        pen.stroke();
        cards.forEach((card, i) => drawCard(pen, card, x - 78 + i * (width + 5), top, width, folded));
        const side = x - 78 + cards.length * (width + 5) + 4;
        const acted = info.last_seat === seat && info.last_action;
        const word = folded ? "folded" : acted || "";
        write(pen, word, side, top + width * 0.3, 14, folded ? "#ff8f8f" : "#fff", "left", acted ? "bold" : "");
        write(pen, "bet " + info.bets[seat], side, top + width * 0.75, 14, "#cfcfe6", "left");
        if (info.won) write(pen, signed(info.won[seat]), side, top + width * 1.18, 17, info.won[seat] > 0 ? "#ffd666" : "#9a9ab0", "left", "bold");
        pen.font = "13px system-ui, 'DejaVu Sans', sans-serif";
        const name = fitted(pen, replay.agents[seat].name, 110);
        write(pen, name, x - 78, top + width * 1.4 + 20, 13, COLOURS[seat % COLOURS.length], "left", "bold");
        write(pen, signed(info.chips[seat]), x + 78, top + width * 1.4 + 20, 14, "#eee", "right", "bold");
      });
    },
    move: (info) => info.last_action,
  },

  generic: {
    rate: 4,
    draw(pen, info) {
      const all = flat(info, ""), lines = all.slice(0, all.length > 25 ? 24 : 25);
      if (lines.length < all.length) lines.push(["and " + (all.length - lines.length) + " more", ""]);
      const row = Math.max(22, Math.min(52, 560 / lines.length)), size = row * 0.62;
      lines.forEach(([name, text], i) => {
        const y = 20 + (i + 0.5) * row;
        if (i % 2) {
          pen.fillStyle = "rgba(255,255,255,0.04)";
          pen.fillRect(16, y - row / 2, WIDTH - 32, row);
        }
        pen.font = size + "px system-ui, 'DejaVu Sans', sans-serif";
        write(pen, fitted(pen, name, 260), 28, y, size, "#9a9ab0", "left");
        write(pen, fitted(pen, text, WIDTH - 330), 300, y, size, "#eee", "left");
      });
    },
  },
};

function ring(pen, x, y, radius, colour, width) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.stroke();
}

/** Whether the last piece was put into this cell: its square, or the top of its column. */
function isLast(info, r, c) {
  const board = info.board, columns = board[0].length;
  if (info.last_action === null || !board[r][c]) return false;
  if (board.length === columns) return info.last_action === r * columns + c;
  return info.last_action === c && (r === 0 || !board[r - 1][c]);
}

/** The cells of the first line of the length given that one side has filled. */
function winningCells(board, length) {
  for (let r = 0; r < board.length; r++) for (let c = 0; c < board[0].length; c++) {
    for (const [dr, dc] of [[0, 1], [1, 0], [1, 1], [1, -1]]) {
      const cells = Array.from({ length }, (_, i) => [r + i * dr, c + i * dc]);
      const owner = board[r][c];
      if (owner && cells.every(([cr, cc]) => board[cr] && board[cr][cc] === owner)) return cells;
    }
  }
  return [];
}

/** White's pieces less black's, in pawns. */
function material(placement) {
  const worth = { p: 1, n: 3, b: 3, r: 5, q: 9 };
  return [...placement].reduce((sum, piece) => {
    const value = worth[piece.toLowerCase()] || 0;
    return sum + (piece === piece.toUpperCase() ? value : -value);
  }, 0);
}

function signed(value) {
  return (value > 0 ? "+" : value < 0 ? "\u2212" : "") + Math.abs(Math.round(value * 100) / 100);
}

/** Names and texts of all values in a state, nested ones by dotted names. */
function flat(value, name) {
  if (value === null || typeof value !== "object") return [[name, String(value)]];
  if (Array.isArray(value) && value.every((one) => one === null || typeof one !== "object")) {
    return [[name, value.map((one) => one === null ? "-" : one).join("  ")]];
  }
  return Object.entries(value).flatMap(([key, one]) => flat(one, name ? name + "." + key : key));
}
