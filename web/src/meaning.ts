// What the circles and lines of the picture show at each stage of a step: which of the moment's
// numbers, and which address opens when one is chosen.

import type { Layer, Scene } from "./messages";
import { type Moment, numberAt } from "./moment";
import type { Line, Spot } from "./network_layout";

/** The stages of a step, in order. */
export const FORWARD = 0;
export const LOSS = 1;
export const ZERO = 2;
export const BACKWARD = 3;
export const UPDATE = 4;

/** A circle's number: what flows forwards, or at the stages after the loss its bias's. */
export function spotValue(scene: Scene, moment: Moment, spot: Spot): number | null {
  const layer = scene.layers[spot.column - 1];
  if (!layer) return numberAt(moment, "input", spot.index);
  switch (moment.frame.stage) {
    case ZERO:
      return layer.bias ? 0 : null;
    case BACKWARD:
      return numberAt(moment, `grad ${layer.bias}`, spot.index);
    case UPDATE:
      return numberAt(moment, `update ${layer.bias}`, spot.index);
    default:
      return numberAt(moment, `${layer.name}.a`, spot.index);
  }
}

/** A line's number: the weight, its gradient, or how far this step moves it. */
export function lineValue(scene: Scene, moment: Moment, line: Line): number | null {
  const layer = scene.layers[line.to.column - 1];
  if (!layer) return null;
  const sources = moment.arrays.get(layer.weight)?.shape[1] ?? 0;
  const index = line.to.index * sources + line.from.index;
  switch (moment.frame.stage) {
    case ZERO:
      return 0;
    case BACKWARD:
      return numberAt(moment, `grad ${layer.weight}`, index);
    case UPDATE:
      return numberAt(moment, `update ${layer.weight}`, index);
    default:
      return numberAt(moment, layer.weight, index);
  }
}

/** The largest size of a layer's line numbers, which a line of full width stands for. */
export function lineScale(scene: Scene, moment: Moment, lines: readonly Line[]): number {
  return lines.reduce((most, line) => Math.max(most, Math.abs(lineValue(scene, moment, line) ?? 0)), 0);
}

/** What a circle is: "hours_studied", "hidden1.3", "output.passed". */
export function spotPlace(scene: Scene, spot: Spot): string {
  const layer = scene.layers[spot.column - 1];
  return (layer ? layer.neurons[spot.index]?.address : scene.inputs[spot.index]?.address) ?? "";
}

/** The address, without its moment, that opens when a circle is chosen. */
export function spotAddress(scene: Scene, moment: Moment, spot: Spot): string {
  const { stage, shown } = moment.frame;
  const place = spotPlace(scene, spot);
  const layer = scene.layers[spot.column - 1];
  if (!layer) return `row:${shown.row} ${place}`;
  if (layer.bias && stage === BACKWARD) return `${place}.bias.grad`;
  if (layer.bias && stage === UPDATE) return `${place}.bias.new`;
  return `row:${shown.row} ${place}.a`;
}

/** The address, without its moment, that opens when a line is chosen. */
export function lineAddress(scene: Scene, moment: Moment, line: Line): string {
  const { stage } = moment.frame;
  const neuron = scene.layers[line.to.column - 1]?.neurons[line.to.index];
  const ending = stage === BACKWARD ? ".grad" : stage === UPDATE ? ".new" : "";
  return `${neuron?.address}.weight.${neuron?.weights[line.from.index]}${ending}`;
}

/** The circle that a path speaks about, if it is drawn. */
export function spotOf(scene: Scene, spots: readonly Spot[], path: string): Spot | undefined {
  const place = path.replace(/^@\S* ?/, "").replace(/^row:\S+ ?/, "");
  const own = spots.filter((spot) => begins(place, spotPlace(scene, spot)));
  return own.at(-1) ?? (place === "" || place === "loss" ? spots.at(-1) : undefined);
}

/** Whether nothing goes on from a neuron: ReLU's zero. */
export function isOff(layer: Layer | undefined, value: number | null, stage: number): boolean {
  return layer?.activation === "ReLU" && value === 0 && stage <= LOSS;
}

function begins(place: string, start: string): boolean {
  return place === start || place.startsWith(`${start}.`);
}
