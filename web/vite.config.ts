import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [svelte()],
  // Relative addresses: the page works under any folder, and from a file.
  base: "./",
  build: { target: "es2022", outDir: "dist" },
});
