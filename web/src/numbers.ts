// How the page writes numbers where the server did not: inside circles and beside the loss.
// What stands on cards is written by the server, so that it adds up as printed.

const MINUS = "−";

/** A number for a small place: two decimals, more for small ones, fewer for large; "–" if none. */
export function short(value: number | null): string {
  if (value === null) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 0.001) return tiny(value);
  const text = size.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
  return value < 0 ? MINUS + text : text;
}

/** A number as a person would write it: no idle zeros. */
export function plain(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 4 }).replace("-", MINUS);
}

/** The same with its sign always said. */
export function signed(value: number | null): string {
  const text = short(value);
  return value !== null && value > 0 ? `+${text}` : text;
}

/** A loss: three digits that count. */
export function lossText(value: number | null): string {
  if (value === null) return "–";
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** "1,250". */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

function tiny(value: number): string {
  const [digits, power] = Math.abs(value).toExponential(0).split("e");
  const exponent = Number(power);
  const raised = exponent < 0 ? MINUS + String(-exponent) : String(exponent);
  return `${value < 0 ? MINUS : ""}${digits}e${raised}`;
}
