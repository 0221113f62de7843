// Addresses as the page keeps them. An address names one number at one moment and often one row;
// a path is an address that goes along when time moves ("@ " stands for the moment that is looked
// at) or another row is chosen ("row:* ").

const QUANTITIES: Readonly<Record<string, string>> = {
  a: "activation",
  z: "weighted sum",
  delta: "delta",
  grad: "gradient",
  update: "update",
  new: "new value",
  raw: "raw cell",
  mean: "mean",
  std: "standard deviation",
};

/** The path of an address that was opened at a moment with that owner ("@120 ") and row. */
export function pathOf(address: string, owner: string, row: number): string {
  const inTime = address.startsWith(owner) ? `@ ${address.slice(owner.length)}` : address;
  return inTime.replace(new RegExp(`(^|@ )row:${row}(?= |$)`), "$1row:*");
}

/** The address that a path means at a moment and row. */
export function addressOf(path: string, owner: string, row: number): string {
  const here = path.startsWith("@ ") ? owner + path.slice(2) : path;
  return here.replace(/(^|\s)row:\*(?= |$)/, `$1row:${row}`);
}

/** Whether a path names something that flows backwards: a gradient, a delta, a share of one. */
export function isBackwardPath(path: string): boolean {
  return /\.(grad|delta)(\.|$)/.test(path);
}

/** What people call the number that a path names: "hidden1.3 · weighted sum"; a term by its name. */
export function titleOf(path: string, name?: string): string {
  const place = path.replace(/^@\S* ?/, "");
  const [row, rest] = place.startsWith("row:") ? split(place, " ") : ["", place];
  if (!rest) return row === "row:*" ? "this row" : row.replace(":", " ");
  const owner = row && row !== "row:*" ? `${row.replace(":", " ")} · ` : "";
  return owner + placeTitle(rest, name);
}

function placeTitle(place: string, name?: string): string {
  const weight = /^(.+?)\.weight\.(.+?)(\.(?:grad|update|new))?$/.exec(place);
  if (weight) return `${weight[1]} · weight of ${weight[2]}${quantityAfter(weight[3])}`;
  const bias = /^(.+)\.bias(\.(?:grad|update|new))?$/.exec(place);
  if (bias) return `${bias[1]} · bias${quantityAfter(bias[2])}`;
  const term = /^(.+)\.z\.(.+)$/.exec(place);
  if (term) return `${term[1]} · term of ${name || term[2]}`;
  const dot = place.lastIndexOf(".");
  const quantity = QUANTITIES[place.slice(dot + 1)];
  return dot > 0 && quantity ? `${place.slice(0, dot)} · ${quantity}` : place;
}

function quantityAfter(suffix: string | undefined): string {
  return suffix ? `, ${QUANTITIES[suffix.slice(1)] ?? suffix.slice(1)}` : "";
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}
