/**
 * Where a model lives: in a session of its own on the executor that it is given, or on one that is made for it. It gives
 * back what was made for it, and nothing else, also if making it fails.
 */
import type { Home } from "../executor.js";
import { type OpenHome, openHome } from "../home.js";
import { keptBy, resource } from "../resource.js";
import { createExecutor } from "./index.js";

/** Where something is to run: on an executor or in a session, or on an executor with so many threads (default 1). */
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
  const home = await homeFor(options);
  return keptBy(home, async () => make(home));
}

async function homeFor({ executor: given, threads = 1 }: HomeOptions): Promise<OpenHome> {
  if (given) return openHome(given);
  const executor = await createExecutor({ threads });
  return resource({ session: executor.session(), isOwn: true, dispose: () => executor.dispose() });
}
