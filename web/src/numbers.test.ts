import { expect, test } from "vitest";

import { lossText, plain, short, signed } from "./numbers";

test.each([
  [0, "0"],
  [1.4142, "1.41"],
  [-0.05, "−0.050"],
  [0.0041, "0.004"],
  [-0.00021, "−2e−4"],
  [12.34, "12.3"],
  [-1234.5, "−1235"],
  [3.2e7, "3e7"],
  [null, "–"],
])("%s is written %s", (value, text) => {
  expect(short(value)).toBe(text);
});

test("a sign is always said", () => {
  expect([0.5, -0.5, 0].map(signed)).toEqual(["+0.50", "−0.50", "0"]);
});

test("no idle zeros", () => {
  expect([20, 4.5, -0.25, 1250].map(plain)).toEqual(["20", "4.5", "−0.25", "1,250"]);
});

test("losses have three digits that count", () => {
  expect([0.26692, 2.5, 123.4, null].map(lossText)).toEqual(["0.267", "2.50", "123", "–"]);
});
