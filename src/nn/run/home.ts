/**
 * Where a network lives: its weights in a session, which is opened for it on an executor or shared with others that work on
 * the same weights.
 */
import type { Home, Session } from "../../exec/executor.js";
import { openHome } from "../../exec/home.js";
import { type Resource, resource } from "../../exec/resource.js";
import { NetworkError } from "../layers/layer.js";
import type { Network } from "../network.js";
import { type Parameters, readParameters, writeParameters } from "../parameters.js";

/** A network's session. */
export interface NetworkHome extends Resource {
  readonly session: Session;
  /** Hands the weights over, the first time that it is called: to be called when plans are prepared that have them. */
  writeWeights(): void;
  /** The weights as they stand. */
  weights(): Parameters;
}

/**
 * Opens a home for a network.
 *
 * @param parameters its weights; undefined: the session holds them already
 * @throws NetworkError if the session does not hold them
 */
export function networkHome(net: Network, home: Home, parameters: Parameters | undefined): NetworkHome {
  const opened = openHome(home);
  const { session } = opened;
  const missing = parameters ? undefined : missingWeight(net, session);
  if (missing !== undefined) {
    opened.dispose();
    throw new NetworkError(
      `the session does not hold the weights of ${missing}: give them as \`parameters\`, or give the session that holds them (of a trainer, \`trainer.session\`)`,
    );
  }
  let unwritten = parameters;
  let writtenAt = -1;
  return resource({
    session,
    writeWeights() {
      if (!unwritten) return;
      writeParameters(net, unwritten, session);
      unwritten = undefined;
      writtenAt = session.version;
    },
    // Others may have changed them since: a trainer that the session is shared with.
    weights: () => (parameters && session.version === writtenAt ? parameters : readParameters(net, session)),
    dispose: opened.dispose,
  });
}

/** The first parameter of which a session has no buffer. */
const missingWeight = ({ parameters }: Network, session: Session): string | undefined =>
  parameters.find(({ blocks }) => blocks.some(({ buffer }) => !session.has(buffer)))?.name;
