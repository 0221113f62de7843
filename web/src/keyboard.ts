// What a key means anywhere on the page. Widgets that use a key themselves come first: they stop it.

/** So many steps, or what else can be asked for. */
export type Meaning = number | "play" | "back" | "first" | "last" | "keys";

const MEANINGS: Readonly<Record<string, Meaning>> = {
  " ": "play",
  ArrowRight: 1,
  ArrowLeft: -1,
  PageDown: 10,
  PageUp: -10,
  Home: "first",
  End: "last",
  Escape: "back",
  "?": "keys",
};

/** The meaning of a pressed key; none where somebody writes or where a control takes it. */
export function meaningOf(event: KeyboardEvent): Meaning | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return null;
  const meaning = MEANINGS[event.key];
  if (meaning === undefined) return null;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("dialog[open]")) return null;
  if (target?.closest("input, select, textarea")) return meaning === "back" ? meaning : null;
  if (event.key === " " && target?.closest("button, summary, a")) return null;
  return meaning;
}
