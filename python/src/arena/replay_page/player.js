// The controls. Everything that authors can choose is written as text, never as markup.

const replay = JSON.parse(document.getElementById("data").textContent);
const frames = replay.frames, last = frames.length - 1;
const drawing = drawings[replay.renderer] || drawings.generic;
const byId = (id) => document.getElementById(id);
const field = byId("field"), pen = field.getContext("2d");
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16];
const MOVES_SHOWN = 12;

// Sums of rewards and of time up to each step.
const scores = [replay.agents.map(() => 0)], used = [replay.agents.map(() => 0)];
frames.slice(1).forEach((frame, i) => {
  scores.push(frame.rewards.map((reward, seat) => scores[i][seat] + reward));
  used.push(frame.move_seconds.map((seconds, seat) => used[i][seat] + (seconds || 0)));
});

let at = 0, playing = false, before = 0, owed = 0;

const cards = replay.agents.map((agent, seat) => {
  const item = byId("players").appendChild(document.createElement("li"));
  item.style.borderLeftColor = COLOURS[seat % COLOURS.length];
  const part = (name, text) => {
    const element = item.appendChild(document.createElement("span"));
    element.className = name;
    element.textContent = text;
    return element;
  };
  const card = { item };
  part("name", agent.name).title = agent.name;
  card.score = part("score", "");
  card.time = part("time", "");
  card.rank = part("rank", "");
  card.forfeit = agent.reason ? part("forfeit", "") : null;
  return card;
});

function show() {
  const frame = frames[at], ended = at === last;
  pen.setTransform(field.width / WIDTH, 0, 0, field.height / HEIGHT, 0, 0);
  pen.clearRect(0, 0, WIDTH, HEIGHT);
  pen.save();
  drawing.draw(pen, frame.info, replay, at);
  pen.restore();
  byId("slider").value = at;
  byId("counter").textContent = "step " + at + " / " + last;
  byId("outcome").textContent = ended ? replay.outcome : "\u00a0";
  cards.forEach((card, seat) => {
    const agent = replay.agents[seat], moved = frame.move_seconds && frame.move_seconds[seat] != null;
    card.item.classList.toggle("moving", Boolean(moved));
    card.score.textContent = signed(scores[at][seat]);
    card.time.textContent = (moved ? duration(frame.move_seconds[seat]) + ", " : "") + duration(used[at][seat]) + " in all";
    card.rank.textContent = ended && !replay.no_contest ? "rank " + agent.rank : "";
    // A seat fails in the step after the last that it played, and may not have loaded at all.
    if (card.forfeit) card.forfeit.textContent = at >= Math.max(0, agent.forfeit_step) ? agent.reason + (agent.forfeit_step < 0 ? "" : " in step " + (agent.forfeit_step + 1)) : "";
  });
  showMoves();
  drawTimes();
}

function showMoves() {
  const rows = [];
  for (let step = at; step > 0 && rows.length < MOVES_SHOWN; step--) {
    frames[step].actions.forEach((action, seat) => {
      if (action === null || rows.length >= MOVES_SHOWN) return;
      const row = document.createElement("tr"), seconds = frames[step].move_seconds[seat];
      row.classList.toggle("now", step === at);
      const name = drawing.move ? drawing.move(frames[step].info) : null;
      const text = name || replay.action_names[action] || String(action);
      [String(step), text, seconds === null ? "stand-in" : duration(seconds)].forEach((cell) => {
        row.appendChild(document.createElement("td")).textContent = cell;
      });
      row.cells[1].style.color = COLOURS[seat % COLOURS.length];
      rows.push(row);
    });
  }
  byId("moves").replaceChildren(...rows);
}

function duration(seconds) {
  return seconds >= 1 ? seconds.toFixed(2) + " s" : (seconds * 1000).toFixed(seconds < 0.01 ? 2 : 0) + " ms";
}

// Move times over the whole match on a logarithmic scale: 0.01 ms at the bottom, 10 s at the top.
const times = byId("times"), chart = document.createElement("canvas");
chart.width = times.width;
chart.height = times.height;
(function drawChart() {
  const ink = chart.getContext("2d"), step = chart.width / Math.max(1, last);
  const height = (seconds) => Math.max(2, (Math.log10(Math.max(seconds, 1e-5)) + 5) / 6 * chart.height);
  ink.globalAlpha = 0.75;
  frames.slice(1).forEach((frame, i) => {
    const movers = frame.move_seconds.map((_, seat) => seat).filter((seat) => frame.move_seconds[seat] !== null);
    const part = step / movers.length;
    movers.forEach((seat, place) => {
      const tall = height(frame.move_seconds[seat]);
      ink.fillStyle = COLOURS[seat % COLOURS.length];
      ink.fillRect(i * step + place * part, chart.height - tall, Math.max(1, part * 0.8), tall);
    });
  });
  ink.globalAlpha = 1;
  replay.agents.forEach((agent) => {
    if (!agent.reason) return;
    ink.fillStyle = "#ff3b3b";
    ink.fillRect(Math.min(chart.width - 6, Math.max(0, agent.forfeit_step) * step), 0, 6, chart.height);
  });
})();
function drawTimes() {
  const ink = times.getContext("2d");
  ink.clearRect(0, 0, times.width, times.height);
  ink.drawImage(chart, 0, 0);
  ink.fillStyle = "rgba(255,255,255,0.85)";
  ink.fillRect(at / Math.max(1, last) * (times.width - 3), 0, 3, times.height);
}

function go(to) {
  at = Math.max(0, Math.min(last, Math.round(to)));
  show();
}
function play() {
  if (at === last) at = 0;
  playing = true;
  before = performance.now();
  owed = 0;
  byId("play").textContent = "Pause";
  show();
  requestAnimationFrame(tick);
}
function pause() {
  playing = false;
  byId("play").textContent = "Play";
}
function tick(now) {
  if (!playing) return;
  owed += Math.max(0, now - before) / 1000 * drawing.rate * Number(byId("speed").value);
  before = now;
  const whole = Math.floor(owed);
  owed -= whole;
  if (whole) go(at + whole);
  if (at === last) pause(); else requestAnimationFrame(tick);
}
function step(by) {
  pause();
  go(at + by);
}
function toggle() {
  if (playing) pause(); else play();
}
function changeSpeed(by) {
  const select = byId("speed");
  select.selectedIndex = Math.max(0, Math.min(SPEEDS.length - 1, select.selectedIndex + by));
}

SPEEDS.forEach((speed) => {
  const option = byId("speed").appendChild(document.createElement("option"));
  option.value = speed;
  option.textContent = speed + "\u00d7";
  option.selected = speed === 1;
});
byId("slider").max = last;
byId("slider").addEventListener("input", (event) => { pause(); go(Number(event.target.value)); });
byId("play").addEventListener("click", toggle);
byId("first").addEventListener("click", () => step(-last));
byId("last").addEventListener("click", () => step(last));
byId("back").addEventListener("click", () => step(-1));
byId("forward").addEventListener("click", () => step(1));
times.addEventListener("click", (event) => {
  const box = times.getBoundingClientRect();
  pause();
  go((event.clientX - box.left) / box.width * last);
});
const KEYS = {
  " ": toggle, ArrowLeft: () => step(-1), ArrowRight: () => step(1), PageUp: () => step(-10), PageDown: () => step(10),
  Home: () => step(-last), End: () => step(last), "+": () => changeSpeed(1), "-": () => changeSpeed(-1),
};
document.addEventListener("keydown", (event) => {
  if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
  event.preventDefault();
  KEYS[event.key]();
});
byId("match").textContent = "match " + replay.match + ", seed " + replay.seed;
byId("match").title = byId("match").textContent;
// replay.html#120 shows that step; otherwise the match begins by itself.
if (/^#\d+$/.test(location.hash)) go(Number(location.hash.slice(1))); else play();
