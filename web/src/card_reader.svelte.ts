// The chosen number and the way on which it was opened. While time moves its card is asked for
// again, never more than one question at a time and seldom enough that it can be read.

import { SvelteMap } from "svelte/reactivity";

import { addressOf, pathOf, titleOf } from "./address";
import type { Card, Checked, Explained, Failed, Frame, Proof, Wish } from "./messages";

const BETWEEN = 120;

/** Which number was asked for, and at which moment. */
interface Question {
  id: number;
  path: string;
  frame: Frame;
}

/** What the card at the right shows. */
export class CardReader {
  /** From the first number that was opened to the chosen one. */
  trail = $state.raw<readonly string[]>([]);
  card = $state.raw<Card | null>(null);
  /** What the card answers: newer moments may have come since. */
  question = $state.raw<Question | null>(null);
  proof = $state.raw<Proof | null>(null);
  failure = $state("");
  #send: (wish: Wish) => void;
  /** What the numbers that were opened are called, by path. */
  #names = new SvelteMap<string, string>();
  #opening = "";
  #frame: Frame | null = null;
  #asked = 0;
  #sent: Question | null = null;
  #isWaiting = false;
  #isStale = false;
  #last = 0;

  constructor(send: (wish: Wish) => void, path: string) {
    this.#send = send;
    this.trail = path ? [path] : [];
  }

  /** The chosen number's path. */
  get path(): string {
    return this.trail.at(-1) ?? "";
  }

  /** What people call a number that was opened. */
  title(path: string): string {
    return titleOf(path, this.#names.get(path));
  }

  /** Whether the card is the answer's own, as at the beginning. */
  get isAnswer(): boolean {
    return this.question?.path === this.#opening;
  }

  /** The step that the card speaks about, "step 120"; "" if its number belongs to no step. */
  get step(): string {
    const frame = this.question?.frame;
    if (!frame || !this.card?.address.startsWith(frame.owner)) return "";
    return frame.step === null ? "after the last step" : `step ${frame.step}`;
  }

  /** Opens what a scene is opened with, unless something is open already. */
  begin(address: string): void {
    this.#opening = `@ row:* ${address}`;
    if (this.trail.length === 0) this.trail = [this.#opening];
    this.#want();
  }

  /** Opens a path by itself. */
  goTo(path: string): void {
    this.#show([path]);
  }

  /** Forgets what was to be opened: the scene opens with its own number. */
  clear(): void {
    this.trail = [];
  }

  /** Opens again what the scene is opened with. */
  reopen(): void {
    this.#show([this.#opening]);
  }

  /** Forgets a question whose answer was lost with the connection. */
  forget(): void {
    this.#isWaiting = false;
  }

  /** Opens a number by itself. */
  open(address: string): void {
    this.#show([this.#pathOf(address)]);
  }

  /** Opens a part of the number that is open. */
  enter(address: string): void {
    this.#show([...this.trail, this.#pathOf(address)]);
  }

  /** Goes back on the trail, to the number at that place of it. */
  back(to: number): void {
    if (to >= 0 && to < this.trail.length - 1) this.#show(this.trail.slice(0, to + 1));
  }

  /** Computes the card's number again. */
  check(): void {
    const address = this.card?.address;
    if (!address) return;
    this.#asked += 1;
    this.#send({ kind: "check", id: this.#asked, address });
  }

  /** Follows time and row. */
  follow(frame: Frame): void {
    this.#frame = frame;
    this.#want();
  }

  answered(answer: Explained | Checked): void {
    if (answer.kind === "checked") {
      if (answer.address === this.card?.address) this.proof = answer.proof;
      return;
    }
    if (answer.id !== this.#sent?.id) return;
    this.#isWaiting = false;
    if (answer.card.address !== this.card?.address || answer.card.value !== this.card.value) {
      this.proof = null;
    }
    this.card = answer.card;
    this.question = this.#sent;
    this.#names.set(this.#pathOf(answer.card.address), answer.card.name);
    this.failure = "";
    if (this.#isStale) this.#want();
  }

  /** Whether the failure answers a question of the card. */
  failed(failed: Failed): boolean {
    if (failed.wish !== "explain" && failed.wish !== "check") return false;
    this.#isWaiting = false;
    this.failure = failed.message;
    if (this.#isStale) this.#want();
    return true;
  }

  #show(trail: readonly string[]): void {
    this.trail = trail;
    this.proof = null;
    this.#last = 0;
    this.#want();
  }

  #want(): void {
    const frame = this.#frame;
    if (!frame || !this.path) return;
    const rest = this.#last + BETWEEN - performance.now();
    this.#isStale = this.#isWaiting;
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    if (frame.is_playing && rest > 0) {
      window.setTimeout(() => this.#ask(), rest);
    } else {
      this.#ask();
    }
  }

  #ask(): void {
    this.#last = performance.now();
    this.#isStale = false;
    const frame = this.#frame;
    if (!frame) return;
    this.#asked += 1;
    this.#sent = { id: this.#asked, path: this.path, frame };
    this.#send({ kind: "explain", id: this.#asked, address: addressOf(this.path, frame.owner, frame.shown.row) });
  }

  #pathOf(address: string): string {
    const frame = this.#frame;
    return frame ? pathOf(address, frame.owner, frame.shown.row) : address;
  }
}
