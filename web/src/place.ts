// Where a tab stands, as the address bar holds it: `#@120 row:17 hidden1.3.z&row=17&stage=3&run=…`.
// Cells that a person typed never stand there; they are kept for the tab alone.

import { addressOf, pathOf } from "./address";

const TYPED = "pellucid.typed";

/** Run, moment, row and chosen number of a tab. */
export interface Place {
  run: string;
  step: number | null;
  stage: number;
  row: number;
  path: string;
  cells: Record<string, string>;
}

/** Where a page begins that was opened without a place. */
export const BEGINNING: Place = { run: "", step: 0, stage: 0, row: 0, path: "", cells: {} };

/** Reads the address bar; whatever does not stand there is as at the beginning. */
export function readPlace(hash: string): Place {
  const [first = "", ...rest] = hash.replace(/^#/, "").split("&").map(decode);
  const facts = new Map(rest.map((each) => split(each)));
  const at = facts.get("at");
  const owner = at ? `@${at} ` : (/^@\S+ ?/.exec(first)?.[0] ?? "");
  const said = /(?:^|\s)row:(\d+)/.exec(first)?.[1];
  const row = Number(facts.get("row") ?? said ?? 0) || 0;
  const goesAlong = at === undefined && !first.startsWith("@") ? `@ ${first}` : first;
  return {
    run: facts.get("run") ?? "",
    step: stepOf(owner.trim()),
    stage: Number(facts.get("stage") ?? 0) || 0,
    row,
    path: first.trim() === owner.trim() ? "" : pathOf(goesAlong, owner, row),
    cells: {},
  };
}

/** Writes it for the address bar. */
export function writePlace(place: Place): string {
  const owner = place.step === null ? "@last " : `@${place.step} `;
  const address = place.path ? addressOf(place.path, owner, place.row) : owner.trim();
  const facts = [`row=${place.row}`, ...(place.stage ? [`stage=${place.stage}`] : [])];
  // A number that belongs to no moment, or to another one, does not say where time stands.
  if (place.path && !place.path.startsWith("@ ")) facts.push(`at=${place.step ?? "last"}`);
  return `#${[address, ...facts, `run=${place.run}`].map(encode).join("&")}`;
}

/** Keeps a typed row for this tab, or forgets it. */
export function keepTyped(cells: Record<string, string> | null): void {
  if (cells) sessionStorage.setItem(TYPED, JSON.stringify(cells));
  else sessionStorage.removeItem(TYPED);
}

/** The typed row of this tab. */
export function keptTyped(): Record<string, string> {
  return JSON.parse(sessionStorage.getItem(TYPED) ?? "{}") as Record<string, string>;
}

function stepOf(owner: string): number | null {
  if (owner === "@last") return null;
  return Number(owner.slice(1)) || 0;
}

/** Percent signs only where they must be: an address in the address bar stays readable. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(40|3A|3D|2C)/g, decodeURIComponent);
}

/** Reads what people may also have typed by hand, with a lone percent sign in it. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function split(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}
