// Starts the page.

import { mount } from "svelte";

import App from "./App.svelte";
import "./page.css";
import "./theme.css";

const place = document.getElementById("studio");
if (place) {
  mount(App, { target: place });
}
