/**
 * Where a task's model lives: in a session of its own on the executor that it is given, or on one that is made for it. It
 * gives back what was made for it, and nothing else, also if making it fails.
 */
import type { Home } from "../../exec/executor.js";
import { type OpenHome, openHome } from "../../exec/home.js";
import { createExecutor } from "../../exec/registry/index.js";
import { keptBy, resource } from "../../exec/resource.js";

/** Where a task is to run. */
export interface HomeOptions {
  readonly executor?: Home | undefined;
  readonly threads?: number | undefined;
}

/**
 * Makes a model in a home, which the model disposes of.
 *
 * @example
 * return atHome(options, async (home) => modelOf({ parameters: await trainOn(home.session), home }));
 */
export async function atHome<Model>(
  options: HomeOptions,
  make: (home: OpenHome) => Promise<Model> | Model,
): Promise<Model> {
  const home = await taskHome(options);
  return keptBy(home, async () => make(home));
}

async function taskHome({ executor: given, threads = 1 }: HomeOptions): Promise<OpenHome> {
  if (given) return openHome(given);
  const executor = await createExecutor({ threads });
  return resource({ session: executor.session(), isOwn: true, dispose: () => executor.dispose() });
}
