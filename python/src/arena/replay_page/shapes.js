"use strict";
// Shapes drawn here and not taken from a font: fonts differ, and some draw chess pieces as emoji.

const COLOURS = ["#00ff88", "#ff0066", "#44aaff", "#ffcc00", "#c58fff", "#ff8c42"];

// Chess pieces on a square of 100 x 100.
const PIECES = {
  p: "M50 20a14 14 0 0 1 9 25q-3 2-3 4h8v7h-6q2 14 14 24H28q12-10 14-24h-6v-7h8q0-2-3-4a14 14 0 0 1 9-25z M22 84h56v8H22z",
  r: "M26 18h11v8h8v-8h10v8h8v-8h11v18l-8 7 2 33H32l2-33-8-7z M24 80h52v12H24z",
  n: "M34 80q-2-22 16-33l-15 6-9 8-9-9 12-26q5-10 18-12l3-9 7 9q21 8 24 34 2 18-3 32z M26 84h56v8H26z",
  b: "M50 10a6 6 0 0 1 5 9q17 13 17 29 0 9-8 15H36q-8-6-8-15 0-16 17-29a6 6 0 0 1 5-9z M34 67h32l4 13H30z M24 84h52v8H24z",
  q: "M50 12a6 6 0 0 1 3 11l11 24 13-19a6 6 0 1 1 6 3l-10 38H27L17 31a6 6 0 1 1 6-3l13 19 11-24a6 6 0 0 1 3-11z M27 73h46l3 8H24z M22 85h56v8H22z",
  k: "M46 8h8v7h7v7h-7v8q3 2 4 6 9-8 19-5 12 5 8 19-3 10-12 19H27Q18 60 15 50q-4-14 8-19 10-3 19 5 1-4 4-6v-8h-7v-7h7z M27 73h46l3 8H24z M22 85h56v8H22z",
};

// Suits on a square of 100 x 100.
const SUITS = {
  H: "M50 88C10 58 8 40 12 28 18 12 40 12 50 32 60 12 82 12 88 28 92 40 90 58 50 88z",
  D: "M50 8L82 50 50 92 18 50z",
  S: "M50 8C88 42 92 54 88 64 82 78 64 76 55 66Q57 82 66 90H34Q43 82 45 66C36 76 18 78 12 64 8 54 12 42 50 8z",
  C: "M50 10a19 19 0 0 1 17 28 19 19 0 1 1-12 30Q57 82 66 90H34Q43 82 45 68A19 19 0 1 1 33 38 19 19 0 0 1 50 10z",
};

const paths = new Map();

/** Fills a shape into the square with its upper left corner at x, y. */
function fillShape(pen, path, x, y, size, fill, stroke) {
  if (!paths.has(path)) paths.set(path, new Path2D(path));
  pen.save();
  pen.translate(x, y);
  pen.scale(size / 100, size / 100);
  pen.fillStyle = fill;
  if (stroke) {
    pen.strokeStyle = stroke;
    pen.lineWidth = 5;
    pen.lineJoin = "round";
    pen.stroke(paths.get(path));
  }
  pen.fill(paths.get(path));
  pen.restore();
}

function fillCircle(pen, x, y, radius, colour) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

function line(pen, x1, y1, x2, y2) {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

function write(pen, text, x, y, size, colour, align, weight) {
  pen.font = (weight || "") + " " + size + "px system-ui, 'DejaVu Sans', sans-serif";
  pen.fillStyle = colour;
  pen.textAlign = align || "center";
  pen.textBaseline = "middle";
  pen.fillText(text, x, y);
}

/** A text that fits a width, cut with an ellipsis. */
function fitted(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let length = text.length;
  while (length && pen.measureText(text.slice(0, length) + "\u2026").width > width) length--;
  return text.slice(0, length) + "\u2026";
}

/** A playing card such as "TH", or its back for null. */
function drawCard(pen, card, x, y, width, faded) {
  const height = width * 1.4;
  pen.save();
  pen.globalAlpha = faded ? 0.35 : 1;
  pen.fillStyle = card ? "#f4f1e8" : "#34345e";
  pen.beginPath();
  pen.roundRect(x, y, width, height, width * 0.1);
  pen.fill();
  if (card) {
    const suit = card.slice(-1), rank = card.slice(0, -1).replace("T", "10");
    const colour = suit === "H" || suit === "D" ? "#c81e3a" : "#15151f";
    write(pen, rank, x + width * 0.3, y + height * 0.2, width * 0.36, colour, "center", "bold");
    fillShape(pen, SUITS[suit], x + width * 0.26, y + height * 0.42, width * 0.54, colour);
  } else {
    pen.strokeStyle = "#4b4b80";
    pen.lineWidth = 2;
    pen.strokeRect(x + width * 0.12, y + width * 0.12, width * 0.76, height - width * 0.24);
  }
  pen.restore();
}
