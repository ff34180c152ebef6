/**
 * The package as a user gets it: packed, installed into an empty project, type-checked with the strictest
 * settings (declarations of the library included) and run. Sources that work prove nothing about the tarball.
 */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };

const root = fileURLToPath(new URL("..", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "unrolled-package-"));
const project = join(temporary, "project");
const typeRoots = [join(root, "node_modules/@types")];
const subpaths = Object.keys(packageJson.exports).filter((path) => path !== "./package.json");
let tarball = "";
let packedFiles: readonly string[] = [];

/** Runs a program to its end; fails with all it printed when its exit status is not 0. */
function run(command: string, args: readonly string[], cwd: string): string {
  const child = spawnSync(command, args, { cwd, encoding: "utf8", shell: process.platform === "win32" });
  if (child.error) throw child.error;
  if (child.status !== 0) {
    throw new Error(
      `${command} ${args.join(" ")} ended with ${child.status}\n${child.stdout}${child.stderr}`,
    );
  }
  return child.stdout;
}

const tool = (path: string, args: readonly string[]): string =>
  run(process.execPath, [join(root, "node_modules", path), ...args], project);

/** Type-checks `files` of the project with the repository's compiler; `options` on top of the strictest. */
function compile(files: readonly string[], options: object): void {
  const strictest = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: "nodenext",
    target: "es2022",
    skipLibCheck: false,
    resolveJsonModule: true,
  };
  const config = { compilerOptions: { ...strictest, ...options }, files };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
  tool("@typescript/native/bin/tsc", ["-p", "."]);
}

/** A program that imports all of the given subpaths. */
const importAll = (paths: readonly string[]): string =>
  paths.map((path, i) => `export * as m${i} from "${path.replace(".", packageJson.name)}";\n`).join("");

// npm takes a few seconds with a warm cache and may have to fetch with a cold one.
beforeAll(() => {
  mkdirSync(project);
  const packed = run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", temporary], root);
  const [entry] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
  tarball = join(temporary, entry.filename);
  packedFiles = entry.files.map((file) => file.path);
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "user", private: true, type: "module" }),
  );
  const quietly = ["--no-audit", "--no-fund", "--prefer-offline"];
  run("npm", ["install", "--omit=dev", "--ignore-scripts", ...quietly, tarball], project);
}, 180_000);
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

test("the tarball holds the build and the papers, and nothing else", () => {
  const papers = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
  expect(packedFiles.filter((path) => !path.startsWith("dist/")).sort()).toEqual(papers);
  const strangers = packedFiles.filter((path) => /\.(test|cases)\.|\.map$|\/assembly\//.test(path));
  expect(strangers).toEqual([]);
  expect(packedFiles.filter((path) => !/^dist\/.*\.(js|d\.ts|wasm)$/.test(path)).sort()).toEqual(papers);
});

test("a user's program type-checks and runs", () => {
  copyFileSync(join(root, "test/package/user.ts"), join(project, "user.ts"));
  compile(["user.ts"], { lib: ["es2022"], types: ["node"], typeRoots });
  expect(run(process.execPath, ["user.js"], project)).not.toBe("");
});

test("all declarations type-check in Node without DOM types, and load", () => {
  writeFileSync(join(project, "all.ts"), importAll(subpaths));
  compile(["all.ts"], { lib: ["es2022"], types: ["node"], typeRoots });
  run(process.execPath, ["all.js"], project);
});

test("what a browser imports type-checks without Node's types", () => {
  writeFileSync(join(project, "page.ts"), importAll(subpaths.filter((path) => !path.endsWith("/node"))));
  compile(["page.ts"], { lib: ["es2022", "dom"], types: [], noEmit: true });
});

test("the command line starts", () => {
  expect(run(join(project, "node_modules/.bin/unrolled"), ["--help"], project)).toContain("unrolled");
});

// /dev/full takes no byte, as a disk that is full.
test.skipIf(!existsSync("/dev/full"))("a full disk is said in a sentence, without a stack", () => {
  const full = openSync("/dev/full", "w");
  const program = join(project, "node_modules/.bin/unrolled");
  const { status, stderr } = spawnSync(program, ["cells"], {
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
  });
  closeSync(full);
  expect([status, stderr]).toEqual([
    1,
    "error: standard output: cannot be written: the disk is full. Make room, or use another place.\n",
  ]);
});

test("publint has no remarks", async () => {
  const data = readFileSync(tarball);
  const buffer = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  const { messages } = await publint({ pack: { tarball: buffer as ArrayBuffer }, strict: true });
  expect(messages.map((message) => formatMessage(message, packageJson))).toEqual([]);
});

test("attw finds the types right for ES modules and bundlers", () => {
  tool("@arethetypeswrong/cli/dist/index.js", [tarball, "--profile", "esm-only", "--no-definitely-typed"]);
});
