// @ts-check
/** The options of `npm run bench`: their help, and what a person is told who asked for what is not there. */
import { parseArgs } from "node:util";
import { keys } from "./contestants.mjs";

const help = `npm run bench -- [options]

  --only TEXT,...   only these groups of tasks, or tasks whose name contains the text: stream, "train lstm 64"
  --with NAME,...   only these contestants: ${keys.join(", ")}
  --minutes M       how long the whole may take; what is left is shared evenly by the contestants to come (default 18)
  --rounds N        the most runs of each contestant at a task (default 9); slow ones do fewer, at least three, and
                    whose second run takes ten seconds does no third: that one counts
  --quick           tiny sizes, two rounds, and the programs of this folder: shows that everything runs, and no speed
  --list            the tasks and the contestants found, measuring nothing
  --json            one JSON object instead of Markdown
  --write           also write bench/RESULTS.md
  --install         first install the peers (bench/peers: packages of npm, and PyTorch in a virtual environment, 200 MB
                    to 3 GB) and Node 24 (tools/node24), without install scripts

The package is measured as built. A contestant that fails has its reason in the report, and the others go on; the exit
status is 1 if one of ours did.`;

const options = /** @type {const} */ ({
  only: { type: "string" },
  with: { type: "string" },
  minutes: { type: "string", default: "18" },
  rounds: { type: "string", default: "9" },
  quick: { type: "boolean" },
  list: { type: "boolean" },
  json: { type: "boolean" },
  write: { type: "boolean" },
  install: { type: "boolean" },
  help: { type: "boolean" },
});

/** What the command line asks for; ends the process where it is not to be had, or only the help is wanted. */
export function readOptions() {
  const values = parse();
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  if (values.quick && values.write) refuse("--quick measures no speed, so there is nothing to --write");
  const texts = process.argv.slice(2).map((text) => (/[^\w,./=-]/.test(text) ? `"${text}"` : text));
  return {
    ...values,
    minutes: positive("minutes", values.minutes),
    rounds: Math.ceil(positive("rounds", values.rounds)),
    with: select(keys, values.with, (key, name) => key === name),
    command: ["npm run bench", ...(texts.length > 0 ? ["--", ...texts] : [])].join(" "),
  };
}

function parse() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/**
 * The items that fit one of the comma-separated texts; all if there is no text.
 * @template T @param {readonly T[]} items @param {string | undefined} texts @param {(item: T, text: string) => boolean} fits
 */
export function select(items, texts, fits) {
  if (texts === undefined) return items;
  const all = texts.split(",");
  for (const text of all)
    if (!items.some((item) => fits(item, text))) refuse(`there is nothing called "${text}" here; see --list`);
  return items.filter((item) => all.some((text) => fits(item, text)));
}

/** @param {string} name @param {string} text */
function positive(name, text) {
  const value = Number(text);
  return value > 0 ? value : refuse(`--${name} is ${text}; it must be a number above 0`);
}

/** @param {string} reason @returns {never} */
function refuse(reason) {
  console.error(reason);
  process.exit(2);
}
