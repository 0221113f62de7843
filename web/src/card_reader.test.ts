import { beforeAll, expect, test, vi } from "vitest";

import { CardReader } from "./card_reader.svelte";
import type { Card, Frame, Wish } from "./messages";

beforeAll(() => {
  vi.stubGlobal("window", globalThis);
});

function frame(step: number, text: string): Frame {
  const shown = { row: 1, prediction: { text } };
  return { owner: `@${step} `, step, is_playing: false, shown } as unknown as Frame;
}

function card(address: string, written: string): Card {
  return { address, name: "", value: Number(written), written, text: "" } as unknown as Card;
}

function begin(): { reader: CardReader; wishes: Wish[] } {
  const wishes: Wish[] = [];
  const reader = new CardReader((wish) => wishes.push(wish), "");
  reader.follow(frame(3, "43 % yes"));
  reader.begin("output.passed.a");
  return { reader, wishes };
}

test("a card keeps to its own moment while time goes on", () => {
  const { reader, wishes } = begin();
  reader.follow(frame(9, "35 % yes"));
  expect(wishes).toMatchObject([{ kind: "explain", id: 1, address: "@3 row:1 output.passed.a" }]);
  reader.answered({ kind: "explained", id: 1, card: card("@3 row:1 output.passed.a", "0.4288") });
  expect(reader.question?.frame.shown.prediction.text).toBe("43 % yes");
  expect(reader.step).toBe("step 3");
  expect(wishes.at(-1)).toMatchObject({ kind: "explain", address: "@9 row:1 output.passed.a" });
  reader.check();
  expect(wishes.at(-1)).toMatchObject({ kind: "check", address: "@3 row:1 output.passed.a" });
});

test("a card keeps its number until the next one has come", () => {
  const { reader } = begin();
  reader.answered({ kind: "explained", id: 1, card: card("@3 row:1 output.passed.a", "0.4288") });
  reader.open("@3 row:1 hidden1.2.a");
  expect(reader.isAnswer).toBe(true);
  reader.answered({ kind: "explained", id: 2, card: card("@3 row:1 hidden1.2.a", "1.25") });
  expect(reader.isAnswer).toBe(false);
});

test("an answer that nobody waits for any more is passed over", () => {
  const { reader } = begin();
  reader.forget();
  reader.follow(frame(9, "35 % yes"));
  reader.answered({ kind: "explained", id: 1, card: card("@3 row:1 output.passed.a", "0.4288") });
  expect(reader.card).toBeNull();
  reader.answered({ kind: "explained", id: 2, card: card("@9 row:1 output.passed.a", "0.35") });
  expect(reader.step).toBe("step 9");
});
