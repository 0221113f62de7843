// Where the circles of the network stand and which lines join them. Nothing is drawn here.

import type { Scene } from "./messages";

/** How many circles a column shows at most; of more, the first ones and the last one are drawn. */
const MOST = 8;
const MOST_OUTPUTS = 12;
const ROOMIEST = 96;

/** The smallest radius of a circle, however little room there is. */
const LEAST = 3;

/** A circle: an input (column 0) or a neuron. */
export interface Spot {
  key: string;
  column: number;
  index: number;
  x: number;
  y: number;
}

/** A line: the weight by which a neuron takes what comes from the column before. */
export interface Line {
  key: string;
  from: Spot;
  to: Spot;
}

/** The sign that stands for the circles of a column that are not drawn. */
export interface Gap {
  key: string;
  column: number;
  hidden: number;
  x: number;
  y: number;
}

/** The whole picture. */
export interface Layout {
  spots: readonly Spot[];
  lines: readonly Line[];
  gaps: readonly Gap[];
  radius: number;
}

/** Room at the sides for words, in pixels. */
export interface Margins {
  left: number;
  right: number;
}

/** Places the inputs and every layer in a picture of that size. */
export function layOut(scene: Scene, width: number, height: number, margins: Margins): Layout {
  const widths = [scene.inputs.length, ...scene.layers.map((each) => each.neurons.length)];
  const last = widths.length - 1;
  const columns = widths.map((count, column) => shown(count, column === last ? MOST_OUTPUTS : MOST));
  const slots = Math.max(...columns.map((each) => each.length));
  const step = Math.min(height / Math.max(slots, 1), ROOMIEST);
  const inner = width - margins.left - margins.right;
  const radius = Math.max(LEAST, Math.min(step * 0.36, 27, inner / (2 * last + 4)));
  const spots: Spot[] = [];
  const gaps: Gap[] = [];
  columns.forEach((indices, column) => {
    const x = margins.left + (inner * column) / last;
    const own = Math.min(step * (1 + (0.35 * (slots - indices.length)) / slots), ROOMIEST);
    indices.forEach((index, place) => {
      const y = height / 2 + own * (place - (indices.length - 1) / 2);
      const key = `${column}.${index ?? "gap"}`;
      if (index === null) gaps.push({ key, column, hidden: widths[column]! - indices.length + 1, x, y });
      else spots.push({ key, column, index, x, y });
    });
  });
  return { spots, lines: join(spots), gaps, radius };
}

/** Which of so many are drawn; null stands for those that are not. */
function shown(count: number, most: number): (number | null)[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  const first = Array.from({ length: most - 1 }, (_, index) => index);
  return [...first, null, count - 1];
}

function join(spots: readonly Spot[]): Line[] {
  return spots.flatMap((to) =>
    spots
      .filter((from) => from.column === to.column - 1)
      .map((from) => ({ key: `${from.key}-${to.key}`, from, to })),
  );
}

/** The neighbour of a circle in a direction: up and down in its column, left and right across. */
export function neighbour(layout: Layout, key: string, move: Move): Spot | undefined {
  const here = layout.spots.find((each) => each.key === key);
  if (!here) return layout.spots.at(-1);
  const isAcross = move === "left" || move === "right";
  const column = here.column + (move === "left" ? -1 : move === "right" ? 1 : 0);
  const there = layout.spots.filter((each) => each.column === column);
  if (isAcross) return nearest(there, here.y);
  const place = there.findIndex((each) => each.key === key) + (move === "up" ? -1 : 1);
  return there[place];
}

/** A direction on the keyboard's arrows. */
export type Move = "up" | "down" | "left" | "right";

function nearest(spots: readonly Spot[], y: number): Spot | undefined {
  return spots.reduce<Spot | undefined>(
    (best, each) => (best && Math.abs(best.y - y) <= Math.abs(each.y - y) ? best : each),
    undefined,
  );
}
