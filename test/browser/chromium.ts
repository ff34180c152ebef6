/**
 * Chromium for the tests: found on the machine, never downloaded. And a server of a few files on the loopback address.
 */
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { chromium, type Page } from "playwright-core";

/** Debian's Chromium or a Chrome; none if the machine has neither. */
export const executablePath = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => existsSync(path));

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** What is served: path and contents. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A running server. */
export interface Served {
  readonly url: string;
  close(): void;
}

/** Serves files; pages and what they load under cross-origin isolation if `isolated`. */
export async function serve(files: Files, isolated = false): Promise<Served> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0] ?? "/";
    const name = path.endsWith("/") ? `${path}index.html` : path;
    const body = files[name];
    if (body === undefined) return response.writeHead(404).end(`there is no ${name}`);
    response.setHeader("Content-Type", types[extname(name)] ?? "application/octet-stream");
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    return response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => server.close(),
  };
}

/** Opens a page in a browser of its own, which is closed whatever happens. */
export async function withPage<T>(url: string, use: (page: Page) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({
    executablePath: executablePath!,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    return await use(page);
  } finally {
    await browser.close();
  }
}

/** What the page's worker has posted, once it has. */
export async function resultOf<T>(page: Page): Promise<{ found?: T; error?: string }> {
  const waiting = await page.waitForFunction("window.result", undefined, { timeout: 50_000 });
  return (await waiting.jsonValue()) as { found?: T; error?: string };
}
