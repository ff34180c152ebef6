/**
 * Options against their rows: keys that no row has, values of the wrong kind or out of range, what is missing, and what
 * would have no effect. All of it is refused by name, before any work starts.
 */
import { OptionError, plain, shown } from "./error.js";
import { defaultOf, type Facts, type OptionTable, specialDefault } from "./row.js";
import { fits, listed, type ValueKind, wanted } from "./value.js";

/**
 * @param given options as they came, perhaps from a caller without types; one that is undefined is one that is left out
 * @param rows all options that there are
 * @param what whose options they are, for the message: "tagger.train"
 * @param facts what is known of the data, see `checkNeeds`
 * @throws OptionError naming the option, what is wrong with it and what would be right
 */
export function checkOptions(given: object, rows: OptionTable, what: string, facts: Facts = {}): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new OptionError(`${plain(what)} takes its options as one object, and was given ${shown(given)}`);
  const values = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [key, value] of values) {
    const row = Object.hasOwn(rows, key) ? rows[key]! : undefined;
    if (!row) throw unknownOption(key, Object.keys(rows), what);
    if (!fits(value, row))
      throw new OptionError(`{${key}} is ${shown(value)}; it must be ${plain(wanted(row))} (${plain(what)})`);
  }
  const missing = Object.keys(rows).find(
    (key) => rows[key]?.required && (given as Record<string, unknown>)[key] === undefined,
  );
  if (missing !== undefined)
    throw new OptionError(
      `${plain(what)} needs {${missing}}, which must be ${plain(wanted(rows[missing]!))}`,
    );
  checkNeeds(given, rows, facts);
}

/**
 * Arguments of a function against their kinds, all of which must be given: for callers without types.
 *
 * @throws OptionError naming the argument and what it must be
 */
export function checkArguments(
  what: string,
  given: Readonly<Record<string, unknown>>,
  kinds: Readonly<Record<string, ValueKind>>,
): void {
  const rows = Object.entries(kinds).map(([name, kind]) => [name, { ...kind, required: true }]);
  checkOptions(given, Object.fromEntries(rows), what);
}

/**
 * Refuses options that would have no effect beside the others, or on such data.
 *
 * @param facts of the data, by the names that rows have in `needs`: { data: "series" }. A fact that is not there is not
 * looked at, so that what contradicts itself can be refused before the data is read
 * @throws OptionError naming the option, and what it would need
 */
export function checkNeeds(given: object, rows: OptionTable, facts: Facts = {}): void {
  const values: Readonly<Record<string, unknown>> = { ...given, ...facts };
  const valueOf = (key: string): unknown =>
    values[key] ?? (Object.hasOwn(rows, key) ? defaultOf(rows[key]!, values) : undefined);
  for (const [key, row] of Object.entries(rows)) {
    const { needs = {}, default: usual } = row;
    const value = (given as Readonly<Record<string, unknown>>)[key];
    // What the data or another option settles may be said.
    if (value === undefined || isNothing(value, usual) || value === specialDefault(row, values)) continue;
    for (const [other, need] of Object.entries(needs)) {
      const isOption = Object.hasOwn(rows, other);
      if (!isOption && facts[other] === undefined) continue;
      if (typeof need === "boolean") {
        const isGiven = values[other] !== undefined && values[other] !== false;
        if (isGiven === need) continue;
        throw new OptionError(
          need
            ? `{${key}} goes with {${other}}: give it with {${other}}, or leave it out`
            : `{${key}} and {${other}} contradict each other; give one of them`,
        );
      }
      const is = valueOf(other);
      if (need.some((each) => each === is)) continue;
      // Facts are words of the task, which may name options; the value of an option is the caller's.
      const [name, found] = isOption ? [`{${other}} `, plain(String(is))] : ["", String(is)];
      throw new OptionError(
        `{${key}} is for ${name}${listed(need.map(String))}, not for ${found}; leave it out`,
      );
    }
  }
}

/** A switch that is left off, or a rate of 0, asks for nothing where that is usual. */
const isNothing = (value: unknown, usual: unknown): boolean =>
  (value === false || value === 0) && (usual === undefined || usual === value);

/** The error about a key that no row has: with the key that was probably meant, or with all that there are. */
export function unknownOption(key: string, known: readonly string[], what: string): OptionError {
  const near = nearest(key, known);
  const help =
    near === undefined
      ? `; there are ${known.map((each) => `{${each}}`).join(", ")}`
      : `; did you mean {${near}}?`;
  return new OptionError(`${plain(what)} has no option "${plain(key)}"${help}`);
}

/** The known key that is a slip of the pen away, if there is one. */
function nearest(key: string, known: readonly string[]): string | undefined {
  const least = {
    key: undefined as string | undefined,
    distance: Math.max(2, Math.floor(key.length / 3)) + 1,
  };
  for (const each of known) {
    const distance = editDistance(key.toLowerCase(), each.toLowerCase());
    if (distance < least.distance) Object.assign(least, { key: each, distance });
  }
  return least.key;
}

/** Letters to insert, delete or replace on the way from one word to another. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
