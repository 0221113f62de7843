// The page's one state: what the server said last, and what is chosen. Views read it and call its
// verbs; nothing else talks to the server.

import { CardReader } from "./card_reader.svelte";
import { Connection, type Listener } from "./connection";
import type { Answer, Row, Scene, Stage, Wish } from "./messages";
import { isSameMoment, type Moment } from "./moment";
import { BEGINNING, keepTyped, keptTyped, type Place, readPlace, writePlace } from "./place";

/** A whole run plays in about so many seconds, unless another speed is chosen. */
const RUN_SECONDS = 15;

/** So many milliseconds lie at least between two changes of the address bar. */
const BETWEEN = 300;

/** Every page has one. */
export class Studio implements Listener {
  scene = $state.raw<Scene | null>(null);
  moment = $state.raw<Moment | null>(null);
  rows = $state.raw<readonly Row[]>([]);
  stages = $state.raw<readonly Stage[]>([]);
  isLost = $state(false);
  /** Why the last wish could not be met, for the place on the page that it belongs to. */
  failure = $state.raw<{ wish: string; message: string } | null>(null);
  /** How fast time goes, as a multiple of the usual; 0: as fast as the engine goes. */
  pace = $state(1);
  /** Where somebody drags the cursor to, until the moment has come. */
  dragged = $state<number | null>(null);
  readonly reader: CardReader;
  #connection: Connection;
  #place: Place;
  #keeping = 0;
  #keptAt = 0;
  #tell = 0;
  #waits: Wish | null = null;

  constructor(url: string) {
    this.#place = { ...readPlace(location.hash), cells: keptTyped() };
    this.reader = new CardReader((wish) => this.#connection.send(wish), this.#place.path);
    this.#connection = new Connection(url, this);
    window.addEventListener("hashchange", () => this.#goPlace());
  }

  close(): void {
    this.#connection.close();
  }

  // Verbs.

  /** Lets time go on; at the end it begins again. */
  play(): void {
    const frame = this.moment?.frame;
    if (!frame) return;
    if (frame.step === null) this.#connection.send({ kind: "restart" });
    this.#connection.send({ kind: "play", speed: this.#speed() });
  }

  pause(): void {
    this.#connection.send({ kind: "pause" });
  }

  toggle(): void {
    if (this.moment?.frame.is_playing) this.pause();
    else this.play();
  }

  /** So many training steps forwards, or backwards if below 0. */
  step(by: number): void {
    this.#connection.send({ kind: "step", by, grain: "batch" });
  }

  restart(): void {
    this.#connection.send({ kind: "restart" });
  }

  /** Goes to a step, null for the end. While one is on its way only the last wish is kept. */
  go(step: number | null, stage = 0): void {
    const wish: Wish = { kind: "go", step, stage };
    this.dragged = step ?? (this.scene ? this.scene.steps + 1 : null);
    if (this.#waits) this.#waits = wish;
    else this.#send(wish);
  }

  /** Goes to a stage of the step that is looked at, and opens the number that tells it. */
  goStage(stage: number): void {
    const step = this.moment?.frame.step;
    if (step === null || step === undefined) return;
    this.#connection.send({ kind: "go", step, stage });
    const address = this.stages[stage]?.address;
    if (address) this.open(address);
  }

  choose(row: number): void {
    keepTyped(null);
    this.#place.cells = {};
    this.failure = null;
    this.#connection.send({ kind: "choose", row });
  }

  type(cells: Record<string, string>): void {
    keepTyped(cells);
    this.#place.cells = cells;
    this.failure = null;
    this.#connection.send({ kind: "type", cells });
  }

  listFrom(first: number): void {
    this.#connection.send({ kind: "page", first });
  }

  /** Opens a number as a fresh start: what was opened before is forgotten. */
  open(address: string): void {
    this.reader.open(address);
  }

  setPace(pace: number): void {
    this.pace = pace;
    if (this.moment?.frame.is_playing) this.play();
  }

  /** Lets the address bar follow; not at once each time, because browsers allow only so many changes. */
  keepPlace(): void {
    this.#keeping ||= window.setTimeout(() => this.#keepPlace(), this.#keptAt + BETWEEN - performance.now());
  }

  // What the connection tells.

  opened(): void {
    const frame = this.moment?.frame;
    const { cells } = this.#place;
    const place = frame
      ? { run: frame.run, step: frame.step, stage: frame.stage, row: frame.shown.row }
      : this.#place;
    const speed = frame?.is_playing ? this.#speed() : null;
    const { run, step, stage, row } = place;
    this.isLost = false;
    this.#connection.send({ kind: "look", run, step, stage, row, cells, speed });
  }

  lost(): void {
    this.isLost = true;
    this.#waits = null;
    this.reader.forget();
  }

  moved(moment: Moment): void {
    const before = this.moment?.frame;
    this.moment = moment;
    const { frame } = moment;
    if (this.#waits) this.#arrived(frame.step);
    if (before && (before.is_playing !== frame.is_playing || before.step !== frame.step)) this.failure = null;
    if (!before || !isSameMoment(before, frame)) {
      this.reader.follow(frame);
      if (!frame.is_playing && frame.step !== null) this.#askStages();
    }
    requestAnimationFrame(() => this.#connection.send({ kind: "ack", frame: frame.frame }));
  }

  answered(answer: Answer): void {
    switch (answer.kind) {
      case "scene":
        this.scene = answer;
        this.rows = answer.rows;
        this.reader.begin(answer.opening);
        return;
      case "rows":
        this.rows = answer.rows;
        return;
      case "explained":
      case "checked":
        this.reader.answered(answer);
        return;
      case "told":
        if (answer.id === this.#tell) this.stages = answer.stages;
        return;
      case "failed":
        if (this.reader.failed(answer) || answer.wish === "tell") return;
        this.failure = answer;
        if (answer.wish === "look" && !this.moment) this.#lookElsewhere();
        return;
      default: {
        const never: never = answer;
        throw new Error(`No such answer: ${JSON.stringify(never)}`);
      }
    }
  }

  /** Where the place that the page was opened with does not exist: as near to it as can be. */
  #lookElsewhere(): void {
    const { run, step, stage, row, path, cells } = this.#place;
    const isPlain = !row && !path && Object.keys(cells).length === 0;
    if (isPlain && !run) return;
    keepTyped(null);
    this.#place = isPlain ? BEGINNING : { ...BEGINNING, run, step, stage };
    this.reader.clear();
    this.opened();
  }

  /** Goes to the place that somebody wrote into the address bar. */
  #goPlace(): void {
    const { run, step, stage, row, path } = readPlace(location.hash);
    if (path) this.reader.goTo(path);
    this.#connection.send({ kind: "look", run, step, stage, row, cells: {}, speed: null });
  }

  #speed(): number {
    const steps = this.scene?.steps ?? 0;
    return this.pace * Math.max(steps / RUN_SECONDS, 4);
  }

  #send(wish: Wish): void {
    this.#waits = wish;
    this.#connection.send(wish);
  }

  #keepPlace(): void {
    this.#keeping = 0;
    this.#keptAt = performance.now();
    const frame = this.moment?.frame;
    if (!frame) return;
    const { run, step, stage, shown } = frame;
    const place = { ...BEGINNING, run, step, stage, row: shown.row, path: this.reader.path };
    history.replaceState(history.state, "", writePlace(place));
  }

  #arrived(step: number | null): void {
    const wish = this.#waits;
    this.#waits = null;
    if (wish?.kind === "go" && wish.step !== step) this.#send(wish);
    else this.dragged = null;
  }

  #askStages(): void {
    this.#tell += 1;
    this.#connection.send({ kind: "tell", id: this.#tell });
  }
}
