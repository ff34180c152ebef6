/**
 * An executor for tests that reads asynchronously alone, as one on a graphics processor would: the reference, which refuses to
 * read at once and to give views, and whose readings come some turns later.
 */
import { type Executor, ExecutorError, type Program, type Session } from "./executor.js";
import { createReferenceExecutor } from "./reference/index.js";
import { resource } from "./resource.js";

const refuse =
  (what: string) =>
  (name: string): never => {
    throw new ExecutorError(`"${name}" cannot be ${what} here: this executor reads asynchronously alone`);
  };

/** What `read` gives at this moment, after a while. */
async function delayed(read: () => Float64Array): Promise<Float64Array> {
  const values = read();
  await new Promise((resolve) => setTimeout(resolve));
  return values;
}

function programOf(inner: Program): Program {
  return resource({
    plan: inner.plan,
    bytes: inner.bytes,
    get disposed() {
      return inner.disposed;
    },
    write: inner.write,
    read: refuse("read at once"),
    readAsync: (name) => delayed(() => inner.read(name)),
    view: refuse("looked at"),
    run: inner.run,
    rerun: inner.rerun,
    dispose: inner.dispose,
  });
}

function sessionOf(executor: Executor, inner: Session): Session {
  return resource({
    executor,
    get version() {
      return inner.version;
    },
    get bytes() {
      return inner.bytes;
    },
    prepare: (plan, capacity) => programOf(inner.prepare(plan, capacity)),
    has: inner.has,
    write: inner.write,
    read: refuse("read at once"),
    readAsync: (name) => delayed(() => inner.read(name)),
    dispose: inner.dispose,
  });
}

/** Creates it. */
export async function createAsynchronousExecutor(): Promise<Executor> {
  const inner = await createReferenceExecutor();
  const executor: Executor = resource({
    name: "asynchronous",
    tier: inner.tier,
    synchronous: false,
    precision: inner.precision ?? "float32",
    mostBytes: inner.mostBytes,
    get bytes() {
      return inner.bytes;
    },
    estimate: inner.estimate,
    session: () => sessionOf(executor, inner.session()),
    dispose: inner.dispose,
  });
  return executor;
}
