// The line of the loss: each point stands for as many steps as the moment says, drawn from their
// lowest to their highest loss. Nothing is drawn here.

import type { Moment } from "./moment";

/** What the chart paints. */
export interface LossDrawing {
  path: string;
  ticks: readonly { y: number; text: string }[];
  /** How far from the top a loss stands. */
  y: (loss: number) => number;
  /** The loss of a step; of many steps in one point the middle between lowest and highest. */
  at: (step: number) => number | null;
}

/** Draws the losses into a box of that size, the first step at its left edge. */
export function drawLoss(moment: Moment, steps: number, width: number, height: number): LossDrawing {
  const low = moment.arrays.get("losses.low")?.data ?? new Float32Array();
  const high = moment.arrays.get("losses.high")?.data ?? low;
  const many = moment.frame.steps_per_point;
  const shown = [...high, moment.frame.batch_loss ?? 0].filter(Number.isFinite);
  const top = roundUp(shown.reduce((most, each) => Math.max(most, each), 0));
  const x = (point: number): number => (width * point * many) / Math.max(steps, 1);
  const y = (value: number): number => height * (1 - value / top);
  const path: string[] = [];
  for (const [point, lowest] of low.entries()) {
    const highest = high[point] ?? lowest;
    if (!Number.isFinite(lowest) || !Number.isFinite(highest)) continue;
    const at = x(point).toFixed(1);
    path.push(`${path.length ? "L" : "M"}${at} ${y(highest).toFixed(1)}`);
    if (highest !== lowest) path.push(`L${at} ${y(lowest).toFixed(1)}`);
  }
  const ticks = [0, top / 2, top].map((value) => ({ y: y(value), text: String(Number(value.toPrecision(3))) }));
  return { path: path.join(""), ticks, y, at: (step) => middle(low, high, Math.floor((step - 1) / many)) };
}

function middle(low: Float32Array, high: Float32Array, point: number): number | null {
  const [lowest, highest] = [low[point], high[point]];
  return lowest === undefined || highest === undefined ? null : (lowest + highest) / 2;
}

/** The next round number, so that the scale stands still while the loss moves. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.2, 1.5, 2, 3, 4, 5, 6, 8].find((each) => each * power >= value * (1 - 1e-6)) ?? 10) * power;
}
