// The web socket to the studio's server: it comes back by itself when it was lost.

import type { Answer, Wish } from "./messages";
import { type Moment, readMoment } from "./moment";

const FIRST_WAIT = 250;
const LONGEST_WAIT = 4000;

/** What the connection tells. */
export interface Listener {
  opened(): void;
  answered(answer: Answer): void;
  moved(moment: Moment): void;
  lost(): void;
}

/** A connection that stands until it is closed. */
export class Connection {
  #socket: WebSocket | null = null;
  #wait = FIRST_WAIT;
  #timer = 0;
  #url: string;
  #listener: Listener;

  constructor(url: string, listener: Listener) {
    this.#url = url;
    this.#listener = listener;
    this.#open();
  }

  /** Says something, if somebody listens: whoever comes back is told the present state anyway. */
  send(wish: Wish): void {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(wish));
    }
  }

  close(): void {
    window.clearTimeout(this.#timer);
    if (this.#socket) {
      this.#socket.onclose = null;
      this.#socket.close();
    }
  }

  #open(): void {
    const socket = new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#wait = FIRST_WAIT;
      this.#listener.opened();
    };
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (typeof data === "string") {
        this.#listener.answered(JSON.parse(data) as Answer);
      } else {
        this.#listener.moved(readMoment(data));
      }
    };
    socket.onclose = () => {
      this.#listener.lost();
      this.#timer = window.setTimeout(() => this.#open(), this.#wait);
      this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
    };
    this.#socket = socket;
  }
}
