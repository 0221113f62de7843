import { expect, test } from "vitest";

import { addressOf, isBackwardPath, pathOf, titleOf } from "./address";

test.each([
  ["@120 row:17 hidden1.3.z", "@ row:* hidden1.3.z"],
  ["@120 row:170 hidden1.3.delta", "@ row:170 hidden1.3.delta"],
  ["@119 hidden1.3.bias.grad", "@119 hidden1.3.bias.grad"],
  ["@120 hidden1.3.bias.grad", "@ hidden1.3.bias.grad"],
  ["row:17 age.raw", "row:* age.raw"],
  ["age.mean", "age.mean"],
])("%s goes along as %s", (address, path) => {
  expect(pathOf(address, "@120 ", 17)).toBe(path);
  expect(addressOf(path, "@120 ", 17)).toBe(address);
});

test("a path means another moment and row when these change", () => {
  expect(addressOf("@ row:* hidden1.3.z", "@last ", 4)).toBe("@last row:4 hidden1.3.z");
});

test.each([
  ["@ row:* hidden1.3.z", "hidden1.3 · weighted sum"],
  ["@ row:378 hidden1.3.delta", "row 378 · hidden1.3 · delta"],
  ["@ hidden1.3.weight.age.grad", "hidden1.3 · weight of age, gradient"],
  ["@ hidden1.3.bias", "hidden1.3 · bias"],
  ["@ row:* hidden1.2.z.sleep_hours", "hidden1.2 · term of sleep_hours"],
  ["@ row:*", "this row"],
  ["@ loss", "loss"],
  ["age.mean", "age · mean"],
])("%s is called %s", (path, title) => {
  expect(titleOf(path)).toBe(title);
});

test("gradients, deltas and their shares flow backwards", () => {
  const paths = ["@ a.bias.grad", "@ row:3 hidden1.1.delta", "@ a.bias.grad.more:10", "@ a.bias.new"];
  expect(paths.map(isBackwardPath)).toEqual([true, true, true, false]);
});
