// A moment of a run as it comes over the wire: a header and the numbers behind it.

import type { Frame } from "./messages";

/** An array of a moment, in C order. */
export interface Values {
  shape: readonly number[];
  data: Float32Array;
}

/** What the header says, and its arrays by name. */
export interface Moment {
  frame: Frame;
  arrays: ReadonlyMap<string, Values>;
}

/** Reads a binary frame: how long the header is, the header, its arrays as float32. */
export function readMoment(bytes: ArrayBuffer): Moment {
  const length = new DataView(bytes).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(bytes, 4, length));
  const frame = JSON.parse(text) as Frame;
  const arrays = new Map<string, Values>();
  let at = 4 + length;
  for (const { name, shape } of frame.arrays) {
    const size = shape.reduce((product, side) => product * side, 1);
    arrays.set(name, { shape, data: new Float32Array(bytes, at, size) });
    at += 4 * size;
  }
  return { frame, arrays };
}

/** Whether two frames show the same moment and row, so that nothing on a card can differ. */
export function isSameMoment(one: Frame, other: Frame): boolean {
  return (
    one.run === other.run &&
    one.owner === other.owner &&
    one.stage === other.stage &&
    one.is_playing === other.is_playing &&
    one.shown.row === other.shown.row &&
    one.shown.cells.join("\n") === other.shown.cells.join("\n")
  );
}

/** One number of a moment; null where the moment does not hold it, or where it ran away. */
export function numberAt(moment: Moment, name: string, index: number): number | null {
  const value = moment.arrays.get(name)?.data[index];
  return value === undefined || !Number.isFinite(value) ? null : value;
}
