/** What the tests of the command line share: running it in this process, and temporary folders. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { textSource } from "../data/index.js";
import { createExecutor } from "../exec/registry/index.js";
import { run } from "./run.js";
import { Interrupted, type SignalName } from "./terminal/errors.js";
import { shownSink } from "./terminal/visible.js";

/** What a command line came to. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Executors that were created and not disposed of. */
  readonly leaked: number;
}

/** How a command line is run. */
export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether stderr is a terminal, and how wide; and stdout too. */
  readonly terminal?: { readonly columns: number; readonly stdout?: boolean };
  /** Presses Ctrl-C as soon as this text has been printed. */
  readonly interruptAt?: string;
  /** Sends this signal instead. */
  readonly interruptBy?: SignalName;
}

/** Runs a command line, with streams of its own and on the executor that the program uses. */
export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { stdin = "", env = {}, terminal, interruptAt, interruptBy } = options;
  const controller = new AbortController();
  const heard = (said: string): void => {
    if (interruptAt !== undefined && said.includes(interruptAt))
      controller.abort(new Interrupted(undefined, interruptBy));
  };
  let [stdout, stderr, leaked] = ["", "", 0];
  const status = await run(args, {
    stdout: shownSink({
      ...(terminal?.stdout && { isTTY: true, columns: terminal.columns }),
      write: (text) => {
        stdout += text;
        heard(stdout);
      },
    }),
    stderr: shownSink({
      ...(terminal && { isTTY: true, columns: terminal.columns }),
      write: (text) => {
        stderr += text;
        heard(stderr);
      },
    }),
    stdin: textSource("standard input", stdin),
    env,
    interruption: () => controller.signal,
    outliveReaders: () => {},
    async createExecutor(options) {
      const executor = await createExecutor(options);
      leaked++;
      const dispose = executor.dispose.bind(executor);
      executor.dispose = () => {
        leaked--;
        dispose();
      };
      return executor;
    },
  });
  return { status, stdout, stderr, leaked };
}

/** A folder of a test's own. */
export interface Folder {
  /** The path of a file in it. */
  readonly path: (name: string) => string;
  readonly write: (name: string, contents: string | Uint8Array) => Promise<string>;
  /** The names of all files and folders in it, sorted. */
  readonly list: () => Promise<string[]>;
  readonly remove: () => Promise<void>;
}

/** Makes an empty folder. */
export async function createFolder(): Promise<Folder> {
  const root = await mkdtemp(join(tmpdir(), "unrolled-cli-"));
  const path = (name: string): string => join(root, name);
  return {
    path,
    async write(name, contents) {
      await mkdir(dirname(path(name)), { recursive: true });
      await writeFile(path(name), contents);
      return path(name);
    },
    list: async () => (await readdir(root, { recursive: true })).sort(),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

const praise = ["lovely", "fine", "bright", "warm"];
const blame = ["dull", "poor", "weak", "cold"];
const things = ["film", "book", "play", "song", "meal"];

/** `count` lines of label<TAB>text, the two labels in turn; one word of the text reveals which it is. */
export function moodLines(count: number, offset = 0): string {
  const line = (k: number): string => {
    const words = k % 2 === 0 ? praise : blame;
    const text = `this ${things[k % 5]} is ${words[(k >> 1) % 4]}${" indeed".repeat((k >> 3) % 3)}`;
    return `${k % 2 === 0 ? "good" : "bad"}\t${text}\n`;
  };
  return Array.from({ length: count }, (_, i) => line(i + offset)).join("");
}
