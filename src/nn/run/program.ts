/** Programs that grow: a plan that is run with batches of any size, whose memory follows the largest of them. */
import type { Executor, Program } from "../../exec/executor.js";
import type { Plan } from "../../plan/index.js";
import { fitsIn, type Room, roomFor } from "./extent.js";

/** A plan's program, prepared anew when it needs more room. The one that was before is then gone. */
export function growingProgram(executor: Executor, plan: Plan): (need: Room) => Program {
  let [room, program]: [Room, Program | undefined] = [{}, undefined];
  return (need) => {
    if (program && fitsIn(room, need)) return program;
    program?.dispose();
    room = roomFor(room, need);
    program = executor.prepare(plan, room);
    return program;
  };
}
