import { expect, test } from "vitest";

import type { Frame } from "./messages";
import { numberAt, readMoment } from "./moment";

/** A binary frame as the server packs it. */
function pack(arrays: { name: string; shape: number[] }[], numbers: number[]): ArrayBuffer {
  let header = JSON.stringify({ frame: 7, arrays } as Partial<Frame>);
  header += " ".repeat((4 - (new TextEncoder().encode(header).length % 4)) % 4);
  const bytes = new TextEncoder().encode(header);
  const whole = new ArrayBuffer(4 + bytes.length + 4 * numbers.length);
  const view = new DataView(whole);
  view.setUint32(0, bytes.length, true);
  new Uint8Array(whole, 4).set(bytes);
  numbers.forEach((each, place) => view.setFloat32(4 + bytes.length + 4 * place, each, true));
  return whole;
}

test("a frame is read back as it was packed", () => {
  const moment = readMoment(
    pack([{ name: "0.weight", shape: [2, 2] }, { name: "bias ü", shape: [1] }], [1, 2, 3, 4, -5.5]),
  );
  expect(moment.frame.frame).toBe(7);
  expect([...moment.arrays.get("0.weight")!.data]).toEqual([1, 2, 3, 4]);
  expect(numberAt(moment, "bias ü", 0)).toBe(-5.5);
});

test("what a moment does not hold, and what ran away, is no number", () => {
  const moment = readMoment(pack([{ name: "a", shape: [2] }], [Number.NaN, Infinity]));
  expect(numberAt(moment, "a", 0)).toBeNull();
  expect(numberAt(moment, "a", 1)).toBeNull();
  expect(numberAt(moment, "a", 2)).toBeNull();
  expect(numberAt(moment, "b", 0)).toBeNull();
});
