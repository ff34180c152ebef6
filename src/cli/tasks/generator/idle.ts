/**
 * Options that do nothing for a unit of the generator are refused, as everywhere: none is silently ignored.
 */
import { UsageError } from "../../terminal/errors.js";

/**
 * Refuses options that do nothing.
 *
 * @param idle options by name, as they are written on the command line
 * @param what what they do nothing for: "piano-rolls"
 * @throws UsageError naming the first that was chosen
 */
export function refuseIdle<Chosen extends object>(
  chosen: Chosen,
  idle: Readonly<Partial<Record<keyof Chosen, string>>>,
  what: string,
): void {
  // A flag that was not given is undefined; one like --no-tied is then true.
  for (const name of Object.keys(idle) as (keyof Chosen)[])
    if (chosen[name] !== undefined && !(idle[name]?.startsWith("--no-") && chosen[name] === true))
      throw new UsageError(`${idle[name]} does nothing for a generator of ${what}; leave it out`);
}
