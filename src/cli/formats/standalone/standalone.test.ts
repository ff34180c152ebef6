/** `unrolled export --to js`: the module answers as the model does, in both kinds of weights; what cannot be is refused. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createFolder, type Folder, moodLines, runCli } from "../../harness.cases.js";

let folder: Folder;
let model: string;
beforeAll(async () => {
  folder = await createFolder();
  const train = await folder.write("train.tsv", moodLines(60));
  model = folder.path("mood.safetensors");
  const small = ["--units", "8", "--embedding", "8", "--batch", "4", "--epochs", "3", "--quiet"];
  await runCli(["train", "classifier", "--train", train, ...small, "--out", model]);
});
afterAll(() => folder.remove());

it.each(["float32", "int8"])("writes a module with weights in %s that labels texts", async (weights) => {
  const out = folder.path(`${weights}.js`);
  const { status, stdout, stderr } = await runCli([
    "export",
    model,
    "--to",
    "js",
    "--weights",
    weights,
    "--out",
    out,
  ]);
  expect(status).toBe(0);
  expect(stdout).toContain(`import { predict, selfTest } from "./${weights}.js";\npredict(input);\n`);
  expect(stdout).toMatch(new RegExp(`embedding1\\.w_e +embedding1\\.w_e +${weights}`));
  expect(stderr).toContain("The module has no step(): recurrent1 reads in both directions");
  expect(stderr).toMatch(/Its self-test agreed with the reference: 3 inputs, largest difference \d+e-\d+\./);
  const text = await readFile(out, "utf8");
  const module = await import(
    /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`
  );
  for (const said of ["this play is warm indeed", "this song is dull"]) {
    const answer = JSON.parse((await runCli(["predict", model, "--text", said, "--json"])).stdout);
    const { label, probabilities } = module.predict(said);
    expect(label).toBe(answer.label);
    // Float32 has 24 bits; rows of 8 bits move these probabilities by less than a hundredth.
    const digits = weights === "float32" ? 5 : 2;
    for (const [name, p] of Object.entries(answer.probabilities))
      expect(probabilities[name]).toBeCloseTo(p as number, digits);
  }
});

it("refuses --weights for other formats, and weights that there are not", async () => {
  const out = folder.path("no.js");
  const other = await runCli(["export", model, "--to", "pytorch", "--weights", "int8", "--out", out]);
  expect([other.status, other.stderr]).toEqual([2, expect.stringContaining("--weights is for --to js")]);
  const odd = await runCli(["export", model, "--to", "js", "--weights", "int4", "--out", out]);
  expect([odd.status, odd.stderr]).toEqual([2, expect.stringContaining("float32, int8")]);
});

it("refuses a translator, naming its decoder", async () => {
  const out = folder.path("no.js");
  const data = await folder.write("pairs.tsv", "a b\tb a\nb a\ta b\nb b\tb b\na a\ta a\n".repeat(5));
  const translator = folder.path("translator.safetensors");
  const small = ["--units", "4", "--embedding", "4", "--epochs", "1", "--quiet"];
  await runCli(["train", "translator", "--train", data, ...small, "--out", translator]);
  const { status, stderr } = await runCli(["export", translator, "--to", "js", "--out", out]);
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining("decoder1 cannot be written as a module of its own"),
  ]);
  expect(await folder.list()).not.toContain("no.js");
});
