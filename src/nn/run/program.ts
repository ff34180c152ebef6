/** Programs that grow: a plan that is run with batches of any size, whose memory follows the largest of them. */
import type { Program, Session } from "../../exec/executor.js";
import { type Resource, resource } from "../../exec/resource.js";
import type { Plan } from "../../plan/index.js";
import { fitsIn, type Room, roomFor } from "./extent.js";

/** A plan's program, prepared again when it needs more room. */
export interface GrowingProgram extends Resource {
  /** The program, with at least so much room. The one that was before may be gone. */
  withRoom(need: Room): Program;
}

/** A plan's program in a session: there is none until it is asked for. */
export function growingProgram(session: Session, plan: Plan): GrowingProgram {
  let [room, program]: [Room, Program | undefined] = [{}, undefined];
  return resource({
    withRoom(need) {
      if (program && fitsIn(room, need)) return program;
      program?.dispose();
      program = undefined;
      room = roomFor(room, need);
      program = session.prepare(plan, room);
      return program;
    },
    dispose() {
      program?.dispose();
      program = undefined;
    },
  });
}
