// @ts-check
/**
 * Builds the package in three steps, skipping each whose inputs are those of its last run:
 *   kernels  AssemblyScript in src/exec/wasm/assembly -> src/exec/wasm/kernels.<tier>.wasm
 *   library  TypeScript in src -> dist: declarations file by file, and one ES module for each subpath of the package,
 *            with what they share in dist/shared. Node takes half a millisecond to load a file, however short it is:
 *            bundled, import to first prediction takes two thirds of the time.
 *   copy     the .wasm files -> beside the JavaScript that loads them, in dist/shared
 * `node tools/build.mjs [step...]`; without names, all. It needs installed dependencies: see ensure.mjs.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WASM = "src/exec/wasm";
const ASSEMBLY = `${WASM}/assembly`;
const SHARED = "dist/shared";
const STAMPS = "node_modules/.cache/unrolled-build.json";

/**
 * One row per build of the kernels. They differ in what the compiler may use and in the tile of the products,
 * which generate.mjs knows by the same name.
 */
export const tiers = [
  { name: "simd", flags: ["--enable", "simd"] },
  { name: "relaxed", flags: ["--enable", "simd", "--enable", "relaxed-simd"] },
  { name: "paired", flags: ["--enable", "simd", "--enable", "relaxed-simd"] },
];

// Memory is imported and shared, so that one build serves one thread or many; the maximum is all that
// 32-bit addresses reach (65,536 pages of 64 KiB). The kernels use no AssemblyScript runtime.
const commonFlags = [
  "-O3",
  "--noAssert",
  "--runtime",
  "stub",
  "--enable",
  "threads",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory",
  "16",
  "--maximumMemory",
  "65536",
];

/** @param {string} tier */
const wasmFile = (tier) => `kernels.${tier}.wasm`;

/**
 * Runs a Node program and stops the build when it fails; its output goes to stderr.
 * @param {string} root @param {string[]} args
 */
function node(root, args) {
  const child = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", process.stderr, "inherit"],
  });
  if (child.error) throw child.error;
  if (child.status !== 0) {
    console.error(`the build failed: node ${args.join(" ")}`);
    process.exit(child.status ?? 1);
  }
}

/**
 * The files under the given files and folders of `root`, sorted; what does not exist is left out.
 * @param {string} root @param {readonly string[]} paths @returns {string[]}
 */
export function listFiles(root, paths) {
  return paths
    .flatMap((path) => {
      const stat = fs.statSync(join(root, path), { throwIfNoEntry: false });
      if (stat === undefined) return [];
      return stat.isFile()
        ? [path]
        : listFiles(
            root,
            fs.readdirSync(join(root, path)).map((name) => `${path}/${name}`),
          );
    })
    .sort();
}

/**
 * A hash of names and contents. Contents and not times: a checkout rewrites the times.
 * @param {string} root @param {readonly string[]} files @returns {string}
 */
export function fingerprint(root, files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(fs.readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex");
}

/** @param {string} file a file that becomes one of the library's: no test, no AssemblyScript */
const isLibrarySource = (file) =>
  file.endsWith(".ts") && !/\.(test|cases|d)\.ts$/.test(file) && !file.startsWith(`${ASSEMBLY}/`);

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {(root: string) => void} [before] runs every time, before the inputs are looked at
 * @property {(root: string) => string[]} inputs
 * @property {(root: string) => string[]} outputs files that must exist for the step to be skipped
 * @property {(root: string) => void} run
 */

/** @type {readonly Step[]} */
const steps = [
  {
    name: "kernels",
    // The generator writes *.generated.ts beside itself; it is quick, and its output is part of the inputs.
    before: (root) => {
      const generator = `${ASSEMBLY}/generate.mjs`;
      if (fs.existsSync(join(root, generator))) node(root, [generator]);
    },
    inputs: (root) => listFiles(root, [ASSEMBLY]),
    outputs: (root) => (hasKernels(root) ? tiers.map((tier) => `${WASM}/${wasmFile(tier.name)}`) : []),
    run: (root) => {
      if (!hasKernels(root)) return;
      for (const tier of tiers) {
        const target = `${WASM}/${wasmFile(tier.name)}`;
        const half = `${WASM}/half.${process.pid}.${tier.name}.wasm`; // so that no test loads half a file
        const asc = "node_modules/assemblyscript/bin/asc.js";
        node(root, [`${ASSEMBLY}/generate.mjs`, tier.name]);
        node(root, [asc, `${ASSEMBLY}/index.ts`, "-o", half, ...commonFlags, ...tier.flags]);
        fs.renameSync(join(root, half), join(root, target));
      }
      node(root, [`${ASSEMBLY}/generate.mjs`]);
    },
  },
  {
    name: "library",
    inputs: (root) => [
      "tsconfig.json",
      "tsconfig.build.json",
      "package.json",
      "tools/bundle.mjs",
      ...listFiles(root, ["src"]).filter(isLibrarySource),
    ],
    outputs: (root) => entries(root).map((entry) => `dist/${entry}.js`),
    run: (root) => {
      // Into a fresh folder that then takes dist's place: a deleted source leaves nothing behind, and a
      // failed compilation leaves the last good build.
      const fresh = `dist.${process.pid}`;
      node(root, ["node_modules/@typescript/native/bin/tsc", "-p", "tsconfig.build.json", "--outDir", fresh]);
      node(root, ["tools/bundle.mjs", fresh, ...entries(root)]);
      const main = join(root, fresh, "cli/main.js");
      if (fs.existsSync(main)) fs.chmodSync(main, 0o755);
      fs.rmSync(join(root, "dist"), { recursive: true, force: true });
      fs.renameSync(join(root, fresh), join(root, "dist"));
    },
  },
  {
    name: "copy",
    inputs: (root) => listFiles(root, [WASM]).filter((file) => file.endsWith(".wasm")),
    outputs: (root) => (hasKernels(root) ? tiers.map((tier) => `${SHARED}/${wasmFile(tier.name)}`) : []),
    run: (root) => {
      for (const tier of tiers) {
        const from = join(root, WASM, wasmFile(tier.name));
        const to = join(root, SHARED, wasmFile(tier.name));
        if (!fs.existsSync(from)) continue;
        fs.mkdirSync(dirname(to), { recursive: true });
        fs.copyFileSync(from, to);
      }
    },
  },
];

/** @param {string} root */
const hasKernels = (root) => fs.existsSync(join(root, ASSEMBLY, "index.ts"));

/** The modules of the package, as package.json names them, below dist and without their ending. @param {string} root */
function entries(root) {
  const { bin, exports } = JSON.parse(fs.readFileSync(join(root, "package.json"), "utf8"));
  const files = Object.values(exports).flatMap((entry) => entry.default ?? []);
  return [...files, ...Object.values(bin)].map((file) => file.replace(/^\.\/dist\/|\.js$/g, ""));
}

/**
 * Runs the named steps, or all, in order.
 * @param {string} root the repository @param {readonly string[]} [names]
 */
export function build(root, names = []) {
  const unknown = names.find((name) => !steps.some((step) => step.name === name));
  if (unknown !== undefined) {
    throw new Error(`no build step ${unknown}; the steps are ${steps.map((step) => step.name).join(", ")}`);
  }
  const stampFile = join(root, STAMPS);
  for (const step of steps) {
    if (names.length > 0 && !names.includes(step.name)) continue;
    step.before?.(root);
    // The compilers count as inputs: an update of them rebuilds.
    const key = fingerprint(root, ["package-lock.json", "tools/build.mjs", ...step.inputs(root)]);
    /** @type {Record<string, string>} */
    const stamps = fs.existsSync(stampFile) ? JSON.parse(fs.readFileSync(stampFile, "utf8")) : {};
    const complete = step.outputs(root).every((file) => fs.existsSync(join(root, file)));
    if (stamps[step.name] === key && complete) continue;
    const start = performance.now();
    step.run(root);
    fs.mkdirSync(dirname(stampFile), { recursive: true });
    fs.writeFileSync(stampFile, JSON.stringify({ ...stamps, [step.name]: key }, null, 2));
    console.error(`built ${step.name} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  build(fileURLToPath(new URL("..", import.meta.url)), process.argv.slice(2));
}
