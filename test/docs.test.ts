/**
 * Every TypeScript example of docs/, and of the README's part on networks of one's own, compiles under strict rules and
 * runs, in a project that has the package installed.
 */
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "unrolled-docs-"));
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The blocks of code, by file and number: "training-1", "notes-05-gru-1". */
const examples = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".md"))
  .flatMap((file) => {
    const text = readFileSync(join(root, "docs", file), "utf8");
    return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""], i) => ({
      name: `${file.slice(0, -3).replaceAll(/[/\\]/g, "-")}-${i + 1}`,
      code,
    }));
  });

/** The README's blocks on networks of one's own: one program, whose later blocks go on with the names of the first. */
const readme = readFileSync(join(root, "README.md"), "utf8");
const own = readme.slice(readme.indexOf("## A network of your own"), readme.indexOf("## Speed"));
const blocks = [...own.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);
examples.push({ name: "readme-own-network", code: blocks.join("\n") });

beforeAll(() => {
  mkdirSync(join(project, "node_modules"));
  symlinkSync(root, join(project, "node_modules/unrolled"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
  for (const { name, code } of examples) writeFileSync(join(project, `${name}.ts`), `${code}\nexport {};\n`);
  const compilerOptions = {
    strict: true,
    module: "nodenext",
    target: "es2022",
    lib: ["es2022"],
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  execFileSync(process.execPath, [join(root, "node_modules/@typescript/native/bin/tsc"), "-p", "."], {
    cwd: project,
    stdio: ["ignore", "inherit", "inherit"],
  });
});

it.each(examples)("$name runs", ({ name }) => {
  execFileSync(process.execPath, [`${name}.js`], { cwd: project, stdio: ["ignore", "pipe", "inherit"] });
});

it("the guide has examples", () => {
  expect(examples.length).toBeGreaterThanOrEqual(3);
});
