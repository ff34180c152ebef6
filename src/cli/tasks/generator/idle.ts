/**
 * Options that say nothing to a unit of the generator are refused, as everywhere: none is passed over in silence.
 */
import { UsageError } from "../../terminal/errors.js";

/**
 * Refuses options that do nothing.
 *
 * @param idle options by name, as they are written on the command line
 * @param what what they say nothing to: "piano-rolls"
 * @throws UsageError naming the first that was chosen
 */
export function refuseIdle<Chosen extends object>(
  chosen: Chosen,
  idle: Readonly<Partial<Record<keyof Chosen, string>>>,
  what: string,
): void {
  // A flag that was not given is undefined; one like --no-tied is true then.
  for (const name of Object.keys(idle) as (keyof Chosen)[])
    if (chosen[name] !== undefined && !(idle[name]?.startsWith("--no-") && chosen[name] === true))
      throw new UsageError(`${idle[name]} says nothing to a generator of ${what}; leave it out`);
}
