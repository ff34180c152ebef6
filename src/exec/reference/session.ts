/** A session of the interpreter: persistent buffers by name, and the programs that share them. */
import { type Executor, ExecutorError, type Program, type Session } from "../executor.js";
import { resource } from "../resource.js";
import type { ReferenceOptions } from "./options.js";
import { type Persistent, type ProgramRoom, prepare } from "./program.js";

/** Opens a session. @param ended called when it is disposed of */
export function openSession(
  executor: Executor,
  options: ReferenceOptions,
  ended: (session: Session) => void,
): Session {
  const persistent = new Map<string, Persistent>();
  const programs = new Set<Program>();
  const room: ProgramRoom = {
    ...options,
    persistent,
    version: 0,
    forget: (program) => programs.delete(program),
  };
  let disposed = false;
  const alive = (): void => {
    if (disposed) throw new ExecutorError("the session of the reference executor is disposed");
  };
  const find = (name: string): Persistent => {
    alive();
    const entry = persistent.get(name);
    if (!entry)
      throw new ExecutorError(
        `there is no persistent buffer "${name}" in this session; prepare a plan that has it first`,
      );
    return entry;
  };
  const session: Session = resource({
    executor,
    get version() {
      return room.version;
    },
    get bytes() {
      const own = [...persistent.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
      return [...programs].reduce((sum, program) => sum + program.bytes, own);
    },
    prepare(plan, capacity) {
      alive();
      const program = prepare(plan, capacity, room);
      programs.add(program);
      return program;
    },
    has: (name) => persistent.has(name),
    write(name, values) {
      const { values: to } = find(name);
      if (values.length !== to.length)
        throw new ExecutorError(`"${name}" holds ${to.length} values and was given ${values.length}`);
      to.set(Array.from(values));
      room.version++;
    },
    read: (name) => Float64Array.from(find(name).values),
    readAsync: async (name) => session.read(name),
    dispose() {
      if (disposed) return;
      for (const program of [...programs]) program.dispose();
      persistent.clear();
      disposed = true;
      ended(session);
    },
  });
  return session;
}
