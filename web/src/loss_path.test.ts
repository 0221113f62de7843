import { expect, test } from "vitest";

import { drawLoss } from "./loss_path";
import type { Moment } from "./moment";

function moment(low: number[], high: number[], many: number): Moment {
  const arrays = new Map(
    Object.entries({ "losses.low": low, "losses.high": high }).map(([name, values]) => [
      name,
      { shape: [values.length], data: new Float32Array(values) },
    ]),
  );
  return { frame: { steps_per_point: many }, arrays } as unknown as Moment;
}

test("a loss for every step", () => {
  const drawing = drawLoss(moment([1, 0.5], [1, 0.5], 1), 10, 100, 50);
  expect(drawing.path).toBe("M0.0 0.0L10.0 25.0");
  expect(drawing.ticks.map((tick) => tick.text)).toEqual(["0", "0.5", "1"]);
  expect(drawing.at(2)).toBeCloseTo(0.5);
  expect(drawing.at(3)).toBeNull();
});

test("many steps in a point: from the highest to the lowest loss", () => {
  const drawing = drawLoss(moment([0.5], [1], 1000), 10_000, 100, 50);
  expect(drawing.path).toBe("M0.0 0.0L0.0 25.0");
  expect(drawing.at(700)).toBeCloseTo(0.75);
});

test("no loss yet, or losses that ran away, draw nothing wrong", () => {
  expect(drawLoss(moment([], [], 1), 10, 100, 50).path).toBe("");
  expect(drawLoss(moment([1, NaN, 1], [1, NaN, 1], 1), 10, 100, 50).path).toBe("M0.0 0.0L20.0 0.0");
});
