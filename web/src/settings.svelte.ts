// How the page looks to this person: colours and size of text, kept in this browser.

/** "" follows the system. */
export type Colours = "" | "light" | "dark";
/** "" is the browser's own size. */
export type TextSize = "" | "large" | "largest";

const COLOURS = "pellucid.colours";
const TEXT = "pellucid.text";

class Settings {
  colours = $state<Colours>("");
  text = $state<TextSize>("");
  /** How much larger than usual text is: drawings grow along. */
  scale = $state(1);

  constructor() {
    this.setColours(read(COLOURS) as Colours);
    this.setText(read(TEXT) as TextSize);
  }

  setColours(colours: Colours): void {
    this.colours = colours;
    this.#keep(COLOURS, "theme", colours);
  }

  setText(size: TextSize): void {
    this.text = size;
    this.#keep(TEXT, "text", size);
    this.scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  }

  #keep(key: string, attribute: "theme" | "text", value: string): void {
    const { dataset } = document.documentElement;
    if (value) dataset[attribute] = value;
    else delete dataset[attribute];
    try {
      if (value) localStorage.setItem(key, value);
      else localStorage.removeItem(key);
    } catch {
      // Storage may be forbidden; then the choice lasts as long as the page.
    }
  }
}

function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** The settings of this page. */
export const settings = new Settings();
