/**
 * The table of results on real data: each row is a command of the program with a fixed seed, run one after the other on
 * data that stands beside this repository (../shared/data). Prints one row of Markdown for each; --only NAME runs one.
 *   npm run results -- --only wnut17
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const data = fileURLToPath(new URL("../../shared/data/", import.meta.url));
const tok = "multi30k-en-de/tok/";

/** One command: its arguments, where names of data files begin with a percent sign, and the metric that is quoted. */
const translation = (minutes) => ({
  anchor: "attentive tutorial model of 20 M parameters, German to English: 28.3",
  metric: "bleu",
  args: [
    "translator",
    "--train",
    `%${tok}train.lc.norm.tok.en.gz`,
    `%${tok}train.lc.norm.tok.de.gz`,
    "--valid",
    `%${tok}val.lc.norm.tok.en`,
    `%${tok}val.lc.norm.tok.de`,
    "--test",
    `%${tok}test_2016_flickr.lc.norm.tok.en`,
    `%${tok}test_2016_flickr.lc.norm.tok.de`,
    "--batch",
    "64",
    "--schedule",
    "cosine",
    "--threads",
    "2",
    "--minutes",
    String(minutes),
  ],
});
/** tinyshakespeare with the split of nanoGPT, by position: 90 % to train with, 10 % to validate on; there is no test part. */
const shakespeare = (minutes, ...options) => ({
  anchor: "nanoGPT, 10.7 M parameters, on a GPU: 1.470",
  metric: "nllPerCharacter",
  args: [
    "generator",
    "--train",
    "%tinyshakespeare/input.txt.gz",
    "--split",
    "0.9,0.1",
    "--threads",
    "2",
    "--minutes",
    String(minutes),
    ...options,
  ],
});
/** JSB chorales in quarter notes, whose file has its own parts; settings chosen on its validation part. */
const chorales = (anchor, ...options) => ({
  anchor,
  metric: "nllPerStep",
  args: ["generator", "--train", "%jsb-chorales/jsb-chorales-quarter.json", ...options],
});
/** ETTh1 as the Informer paper has it: all columns from all columns, MSE of standardised values over all test windows. */
const etth1 = (horizon, lstma) => ({
  anchor: `LSTMa in the Informer paper: ${lstma}`,
  metric: "mseScaled",
  args: [
    "forecaster",
    "--train",
    "%etth1/ETTh1.csv.gz",
    "--split",
    "8640,2880,2880",
    "--target",
    "HUFL,HULL,MUFL,MULL,LUFL,LULL,OT",
    "--horizon",
    String(horizon),
  ],
});
/** How each metric is written; others are fractions. */
const written = {
  bleu: (value) => value.toFixed(1),
  perplexity: (value) => value.toFixed(1),
  mseScaled: (value) => value.toFixed(3),
  nllPerStep: (value) => value.toFixed(3),
  nllPerCharacter: (value) => value.toFixed(3),
};
const whole = (value) => Math.round(value).toLocaleString("en-US");
const rows = {
  wnut17: {
    anchor: "systems of the shared task with outside resources: 26.30 to 41.86 %",
    metric: "f1",
    args: [
      "tagger",
      "--train",
      "%wnut17/wnut17train.conll",
      "--valid",
      "%wnut17/emerging.dev.conll",
      "--test",
      "%wnut17/emerging.test.annotated",
    ],
  },
  "rt-polarity": {
    // Of the seeds 1, 2 and 3 the one that does best on the validation data.
    seed: "3",
    anchor: "convolutional network from random vectors: 76.1 %",
    metric: "accuracy",
    args: [
      "classifier",
      "--train",
      "%rt-polarity/train.tsv",
      "--valid",
      "%rt-polarity/valid.tsv",
      "--test",
      "%rt-polarity/test.tsv",
      "--pooling",
      "attention",
      "--average",
      "0.999",
      "--word-dropout",
      "0.1",
      "--label-smoothing",
      "0.1",
    ],
  },
  "japanese-vowels": {
    anchor: "",
    metric: "accuracy",
    args: [
      "classifier",
      "--train",
      "%japanese-vowels/JapaneseVowels_TRAIN.ts",
      "--test",
      "%japanese-vowels/JapaneseVowels_TEST.ts",
    ],
  },
  digits: {
    anchor: "–",
    metric: "accuracy",
    args: [
      "classifier",
      "--train",
      "%digits/optdigits.tra",
      "--valid",
      "%digits/optdigits.hol",
      "--test",
      "%digits/optdigits.tes",
      "--format",
      "csv",
      "--units",
      "128",
    ],
  },
  "multi30k-en-de, 30 minutes": translation(30),
  "multi30k-en-de, 60 minutes": translation(60),
  "tinyshakespeare, 3 minutes": shakespeare(
    3,
    "--units",
    "256",
    "--dropout",
    "0",
    "--learning-rate",
    "0.006",
  ),
  "tinyshakespeare, 20 minutes": shakespeare(
    20,
    "--units",
    "512",
    "--dropout",
    "0.4",
    "--recurrent-dropout",
    "0.3",
    "--bptt",
    "64",
  ),
  "tinyshakespeare, 60 minutes": shakespeare(
    60,
    "--units",
    "512,512",
    "--dropout",
    "0.4",
    "--recurrent-dropout",
    "0.3",
    "--bptt",
    "64",
    "--learning-rate",
    "0.003",
  ),
  // The network, the lanes and the steps of PyTorch's example.
  "wikitext-2": {
    anchor: "PyTorch's example, 2 tied layers of 200, 6 epochs: 110.4",
    metric: "perplexity",
    args: [
      "generator",
      "--train",
      "%wikitext-2/train.txt.gz",
      "--valid",
      "%wikitext-2/valid.txt.gz",
      "--test",
      "%wikitext-2/test.txt.gz",
      "--unit",
      "word",
      "--minimum-count",
      "1",
      "--units",
      "200,200",
      "--dropout",
      "0.2",
      "--bptt",
      "35",
      "--batch",
      "20",
      "--learning-rate",
      "0.002",
      "--threads",
      "2",
      "--minutes",
      "17",
    ],
  },
  "jsb-chorales, gru": chorales(
    "Chung et al. 2014, GRU of 46 units: 8.54",
    "--units",
    "46",
    "--dropout",
    "0.1",
    "--recurrent-dropout",
    "0.3",
    "--input-dropout",
    "0",
  ),
  "jsb-chorales, lstmNotes": chorales(
    "Chung et al. 2014, LSTM of 36 units: 8.67",
    "--cell",
    "lstmNotes",
    "--units",
    "36",
    "--dropout",
    "0.1",
    "--recurrent-dropout",
    "0.2",
    "--input-dropout",
    "0",
  ),
  "jsb-chorales, rnn": chorales(
    "Chung et al. 2014, tanh of 100 units: 9.10",
    "--cell",
    "rnn",
    "--units",
    "100",
    "--dropout",
    "0.1",
    "--recurrent-dropout",
    "0.3",
    "--input-dropout",
    "0",
  ),
  "jsb-chorales, tuned": chorales(
    "Zakovskis et al. 2021, tuned GRU: 8.20",
    "--optimizer",
    "adamW",
    "--weight-decay",
    "0.1",
    "--average",
    "0.998",
    "--epochs",
    "200",
  ),
  // Of another model of a step: not to be compared with sigmoids.
  "jsb-chorales, joint": chorales("Boulanger-Lewandowski et al. 2012, RNN-NADE: 5.56", "--output", "joint"),
  "etth1, 24 hours": etth1(24, "0.650"),
  "etth1, 48 hours": etth1(48, "0.702"),
  "etth1, 168 hours": etth1(168, "1.212"),
  "etth1, 336 hours": etth1(336, "1.424"),
};

const at = process.argv.indexOf("--only");
const only = at < 0 ? undefined : process.argv[at + 1];
if (at >= 0 && !Object.keys(rows).some((name) => name.startsWith(only ?? " "))) {
  console.error(`--only takes the beginning of one of: ${Object.keys(rows).join("; ")}`);
  process.exit(2);
}
if (!existsSync(data)) {
  console.error(`the data is not there: ${data}. It stands beside this repository where results are made.`);
  process.exit(1);
}
console.log("| data | validation | test | parameters | training | anchor |");
console.log("| --- | --: | --: | --: | --: | --- |");
for (const [name, { args, metric, anchor, seed = "1" }] of Object.entries(rows)) {
  if (only !== undefined && !name.startsWith(only)) continue;
  const full = args.map((arg) => (arg.startsWith("%") ? data + arg.slice(1) : arg));
  const out = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.safetensors`;
  const command = ["dist/cli/main.js", "train", ...full, "--seed", seed, "--out", out, "--force", "--json"];
  const printed = execFileSync(process.execPath, command, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { metrics, baselines, parameters, seconds, tokensPerSecond } = JSON.parse(printed);
  const shown = written[metric] ?? ((value) => `${(100 * value).toFixed(1)} %`);
  const beside = ["naive", "seasonalNaive", "linear"].flatMap((name) =>
    baselines?.[name]?.[metric] === undefined ? [] : [`${name} ${shown(baselines[name][metric])}`],
  );
  const cells = [
    shown(metrics.valid[metric]),
    metrics.test === undefined ? "" : shown(metrics.test[metric]),
    whole(parameters),
  ];
  const speed = tokensPerSecond === undefined ? "" : `, ${whole(tokensPerSecond)} tokens/s`;
  const time = `${Math.round(seconds)} s${speed}`;
  console.log(`| ${[name, ...cells, time, [...beside, anchor].join("; ")].join(" | ")} |`);
}
