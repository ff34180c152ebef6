/**
 * Which names a cell may use. Printed equations, files and messages tell things apart by their names alone,
 * so each name is for one thing; traced cells and cells from files keep the same rules.
 */
import type { CellEquations } from "./equations.js";
import { CellError } from "./expr.js";

const valid = /^[\p{L}_][\p{L}\p{M}\p{N}_~]*$/u;

/** What a name may be made of, for messages. */
export const nameRule = "letters, accents, digits and _";

/** True for a name that can be used: Γu, c̃, h_1. What every object has (constructor) cannot be: names become keys. */
export function isUsable(name: string): boolean {
  return valid.test(name) && !Object.hasOwn(Object.prototype, name);
}

/**
 * Refuses equations that name two things alike, or anything in a way that is not usable.
 *
 * @throws CellError naming the cell and the name
 */
export function checkNames(cell: Pick<CellEquations, "name" | "states" | "gates" | "parameters">): void {
  const names = {
    "a state": cell.states,
    "a parameter": cell.parameters.map((p) => p.name),
    "a block of columns": cell.parameters.flatMap((p) => p.blocks.map((block) => block.name)),
    "a gate": Object.keys(cell.gates),
  };
  const wrong = (what: string): CellError => new CellError(`cell "${cell.name}": ${what}`);
  const taken = new Map([["x", "the input"]]);
  for (const [what, list] of Object.entries(names)) {
    for (const name of list) {
      const owner = taken.get(name);
      if (owner) throw wrong(`"${name}" names ${owner} already and cannot name ${what} too`);
      if (!isUsable(name)) throw wrong(`"${name}" cannot name ${what} (${nameRule})`);
      taken.set(name, what);
    }
  }
}
