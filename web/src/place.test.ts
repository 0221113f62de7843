import { expect, test } from "vitest";

import { BEGINNING, readPlace, writePlace } from "./place";

const PLACE = { ...BEGINNING, run: "students-1", step: 120, stage: 3, row: 17 };

test.each([
  { ...PLACE, path: "@ row:* hidden1.3.z" },
  { ...PLACE, path: "@ hidden1.3.weight.age.grad" },
  { ...PLACE, path: "row:* age.raw", step: null },
  { ...PLACE, path: "@119 hidden1.3.bias.grad" },
  { ...PLACE, path: "" },
  { ...PLACE, path: '@ row:* "100 % & <b>".raw' },
])("what stands in the address bar is read back: $path", (place) => {
  expect(readPlace(writePlace(place))).toEqual(place);
});

test("an address alone is a place", () => {
  const place = readPlace("#@120 row:17 hidden1.3.z");
  expect(place).toMatchObject({ step: 120, row: 17, path: "@ row:* hidden1.3.z", run: "" });
});

test("nothing in the address bar is the beginning; nonsense does not break it", () => {
  expect(readPlace("")).toEqual(BEGINNING);
  expect(readPlace("#%&row=x&=").row).toBe(0);
});
