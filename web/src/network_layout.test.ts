import { expect, test } from "vitest";

import type { Scene } from "./messages";
import { layOut, neighbour } from "./network_layout";

function scene(...widths: number[]): Scene {
  const [inputs = 0, ...layers] = widths;
  return {
    inputs: Array.from({ length: inputs }),
    layers: layers.map((count) => ({ neurons: Array.from({ length: count }) })),
  } as unknown as Scene;
}

const MARGINS = { left: 160, right: 150 };

test("every circle stands inside the picture, every pair of neighbours is joined", () => {
  const { spots, lines, gaps, radius } = layOut(scene(4, 5, 1), 700, 400, MARGINS);
  expect([spots.length, lines.length, gaps.length]).toEqual([10, 25, 0]);
  for (const { x, y } of spots) {
    expect(x).toBeGreaterThanOrEqual(MARGINS.left);
    expect(x).toBeLessThanOrEqual(700 - MARGINS.right);
    expect(y - radius).toBeGreaterThanOrEqual(0);
    expect(y + radius).toBeLessThanOrEqual(400);
  }
});

test("of a wide layer the first ones and the last one are drawn, and how many are not is said", () => {
  const { spots, gaps } = layOut(scene(64, 30, 10), 700, 400, MARGINS);
  const drawn = [0, 1, 2].map((column) => spots.filter((spot) => spot.column === column).length);
  expect(drawn).toEqual([8, 8, 10]);
  expect(gaps.map((gap) => gap.hidden)).toEqual([56, 22]);
  expect(spots.filter((spot) => spot.column === 0).at(-1)?.index).toBe(63);
});

test("circles of a column do not touch", () => {
  const { spots, radius } = layOut(scene(64, 8, 1), 320, 340, { left: 38, right: 52 });
  const heights = spots.filter((spot) => spot.column === 1).map((spot) => spot.y);
  heights.slice(1).forEach((y, place) => expect(y - heights[place]!).toBeGreaterThan(2 * radius));
});

test("a circle can be seen however little room there is", () => {
  expect(layOut(scene(8, 16, 3), 1, 20, { left: 38, right: 52 }).radius).toBe(3);
});

test("arrow keys walk from circle to circle", () => {
  const layout = layOut(scene(4, 5, 1), 700, 400, MARGINS);
  expect(neighbour(layout, "1.1", "down")?.key).toBe("1.2");
  expect(neighbour(layout, "1.0", "up")).toBeUndefined();
  expect(neighbour(layout, "2.0", "left")?.key).toBe("1.2");
  expect(neighbour(layout, "1.4", "right")?.key).toBe("2.0");
  expect(neighbour(layout, "2.0", "right")).toBeUndefined();
});
