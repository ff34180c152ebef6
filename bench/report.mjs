// @ts-check
/** Results as Markdown: what ran on what, the limit, and a table for each group of tasks. */
import { groups } from "./tasks.mjs";

/** @typedef {import("./rounds.mjs").Result} Result */
/** @typedef {import("./statistics.mjs").Summary} Summary */

/**
 * Everything that one run of the bench found.
 * @typedef {{ command: string, quick: boolean, machine: ReturnType<typeof import("./machine.mjs").machine>, results: readonly Result[],
 *   programs: readonly import("./programs.mjs").Tried[], absent: readonly string[], tokens: Readonly<Record<string, number>> }} Report
 */

/** Three digits that count, and units that fit: "17.3 µs", "940 ms", "20.5 s". @param {number} ms */
function time(ms) {
  const [value, unit] = ms >= 10_000 ? [ms / 1000, "s"] : ms >= 0.1 ? [ms, "ms"] : [ms * 1000, "µs"];
  return `${digits(value)} ${unit}`;
}

/** @param {number} value */
function digits(value) {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}

/** GFLOP/s at the median, counting the products that the plan executes. @param {Result} result */
const rate = ({ facts, ms }) => (facts?.["flops"] && ms ? facts["flops"] / ms.median / 1e6 : undefined);

/** The result that others are compared with: our fastest of the same Node (or else the newest) and number of threads. */
function reference(/** @type {readonly Result[]} */ rows, /** @type {Result} */ row) {
  const ours = rows.filter(({ key, ms }) => key === "unrolled" && ms);
  const same = (/** @type {Result[]} */ list, /** @type {(r: Result) => boolean} */ test) =>
    list.some(test) ? list.filter(test) : list;
  const newest = ours
    .map(({ runtime }) => runtime)
    .sort(byVersion)
    .at(-1);
  const there = ours.some(({ runtime }) => runtime === row.runtime) ? row.runtime : newest;
  const candidates = same(
    ours.filter(({ runtime }) => runtime === there),
    ({ threads }) => threads === row.threads,
  );
  return candidates.sort(
    (a, b) => /** @type {Summary} */ (a.ms).median - /** @type {Summary} */ (b.ms).median,
  )[0];
}

const byVersion = (/** @type {string} */ a, /** @type {string} */ b) =>
  a.localeCompare(b, "en", { numeric: true });

/** How many times faster than one thread of the same. */
function speedUp(
  /** @type {readonly Result[]} */ rows,
  /** @type {Result} */ { name, runtime, threads, ms },
) {
  const one = rows.find((row) => row.name === name && row.runtime === runtime && row.threads === 1);
  return threads > 1 && one?.ms && ms ? digits(one.ms.median / ms.median) : "";
}

/** Groups whose tables say what a token costs: there the number of tokens is the point. */
const byToken = ["ragged", "length"];

/** Who it is: with the library that does its products, where that is a matter of the build, and its threads. @param {Result} row */
const named = ({ name, facts, threads }) =>
  [name, facts?.["blas"] ? ` with ${facts["blas"]}` : "", threads > 1 ? `, ${threads} threads` : ""].join("");

/** One table row per contestant of a task. @param {readonly Result[]} all the task's @param {number} tokens @returns {string[][]} */
function taskRows(all, tokens) {
  const rows = all.filter(({ key, ms }) => key !== "limit" && ms);
  return rows.map((row, i) => {
    const { median, low, high, runs } = /** @type {Summary} */ (row.ms);
    const limit = all.find((r) => r.key === "limit" && r.limit === row.limit && r.runtime === row.runtime);
    const [own, bare] = [rate(row), limit && rate(limit)];
    const best = reference(rows, row);
    return [
      i === 0 ? row.task : "",
      named(row),
      row.runtime,
      row.facts?.["leavesOut"] ?? "",
      time(median),
      runs > 1 ? `${time(low)} to ${time(high)}` : "",
      String(runs),
      best?.ms ? digits(median / best.ms.median) : "",
      own ? digits(own) : "",
      own && bare && row.threads === 1 ? (own / bare).toFixed(2) : "",
      speedUp(rows, row),
      byToken.includes(row.group) ? digits((1000 * median) / tokens) : "",
      row.peakBytes ? digits(row.peakBytes / 2 ** 20) : "",
    ];
  });
}

const head = [
  "task",
  "who",
  "on",
  "leaves out",
  "median",
  "10 % to 90 %",
  "runs",
  "times ours",
  "GFLOP/s",
  "of limit",
  "times one thread",
  "µs per token",
  "peak MiB",
];

/** @param {readonly (readonly string[])[]} rows */
function markdownTable(rows) {
  // A column in which nothing stands says nothing.
  const columns = head.map((_, c) => c).filter((c) => rows.some((row) => row[c] !== ""));
  const line = (/** @type {readonly (string | undefined)[]} */ cells) =>
    `| ${columns.map((c) => cells[c]).join(" | ")} |`;
  return [line(head), `|${columns.map((c) => (c < 4 ? "---" : "--:")).join("|")}|`, ...rows.map(line)].join(
    "\n",
  );
}

/** The limit of each tier and Node over all tasks of the run. @param {readonly Result[]} results */
function limits(results) {
  const rates = /** @type {Map<string, number[]>} */ (new Map());
  for (const row of results) {
    const [name, value] = [`${row.name}, ${row.runtime}`, row.key === "limit" && rate(row)];
    if (value) rates.set(name, [...(rates.get(name) ?? []), value]);
  }
  return [...rates].map(([name, values]) => {
    const sorted = values.sort((a, b) => a - b);
    const [low, middle, high] = [0, sorted.length >> 1, sorted.length - 1].map((i) => digits(sorted[i] ?? 0));
    return `- ${name}: ${middle} GFLOP/s${sorted.length > 1 ? ` (from ${low} to ${high} during the run)` : ""}`;
  });
}

/** Losses that did not fall, and what could not be measured although it was there: each reason once, with its tasks. */
function complaints(/** @type {readonly Result[]} */ results) {
  const tasksOf = /** @type {Map<string, string[]>} */ (new Map());
  for (const { name, task, runtime, facts, refused } of results) {
    const [first, last] = facts?.["loss"] ?? [1, 0];
    const reason = refused ?? (last < first ? undefined : "the loss did not fall");
    if (reason === undefined) continue;
    const line = `${name} (${runtime}): ${reason}`;
    tasksOf.set(line, [...(tasksOf.get(line) ?? []), task]);
  }
  return [...tasksOf].map(([line, names]) => `${line}: ${names.join(", ")}`);
}

/** Remarks that contestants make on how they do a task, each once. @param {readonly Result[]} results */
const remarks = (results) => [
  ...new Set(results.flatMap(({ name, facts }) => (facts?.["note"] ? [`${name}: ${facts["note"]}`] : []))),
];

const list = (/** @type {readonly string[]} */ lines) =>
  lines.map((line) => (line.startsWith("- ") ? line : `- ${line}`)).join("\n");

/** What each program printed. @param {Report["programs"]} programs */
const printouts = (programs) =>
  programs.flatMap(({ task, printed, refused }) => [
    `## ${task}`,
    printed ? `\`\`\`\n${printed}\n\`\`\`` : refused,
  ]);

/** The whole report. @param {Report} report */
export function markdown({ command, machine: m, quick, results, programs, absent, tokens }) {
  const section = (/** @type {string} */ title, /** @type {readonly string[]} */ lines) =>
    lines.length > 0 ? [`## ${title}`, list(lines)] : [];
  const tables = Object.entries(groups).flatMap(([group, title]) => {
    const own = results.filter((result) => result.group === group);
    const ids = [...new Set(own.map(({ task }) => task))];
    const rows = ids.flatMap((id) =>
      taskRows(
        own.filter(({ task }) => task === id),
        tokens[id] ?? 0,
      ),
    );
    return rows.length > 0 ? [`## ${title}`, markdownTable(rows)] : [];
  });
  return `${[
    "# Results of the bench",
    `\`${command}\` wrote this on ${m.date}: ${m.cpu}, ${m.cores} cores (${m.features.join(", ")}), ${m.memoryGiB} GiB, ` +
      `${m.system}; load before it began ${m.load?.toFixed(2)}.`,
    ...(quick
      ? ["**Tiny sizes and few runs: nothing here says how fast anything is, only that it runs.**"]
      : []),
    "A task is named cell X/H/B/T. All contestants of a task ran in turn, each in its own process, on one thread where " +
      'nothing else is said. "Times ours" is the ratio of medians to our fastest row of the same Node and number of threads ' +
      '(of the newest Node for what is not JavaScript, of one thread where more are missing). GFLOP/s count the products that our plan executes, and "of limit" ' +
      "is their ratio to the bare product of the same tier in the same rounds. Peak MiB is what the process grew by. Runs are " +
      "what the median and the quantiles are of: a single one took more than ten seconds.",
    ...section("The limit: bare products, 60 x 384 x 256", limits(results)),
    ...tables,
    ...printouts(programs),
    ...section("How peers do it", remarks(results)),
    ...section("Not measured", [...absent, ...complaints(results)]),
  ].join("\n\n")}\n`;
}
