/** One long text as token ids, whose next tokens are the targets: what a network must be to read it, and what it may hold. */
import { shown, spelled } from "../../options/error.js";
import { isList } from "../../options/items.js";
import { NetworkError } from "../layers/layer.js";
import { losses } from "../losses/losses.js";
import type { Network } from "../network.js";

/**
 * Looks at every token: a number that is no id would be cut to one unseen.
 *
 * @throws NetworkError if the network does not read ids and predict classes, or naming the first token that is no id of it
 */
export function checkText(net: Network, ids: ArrayLike<number>): void {
  const { input, loss } = net;
  const examples = "give examples instead, each with its input and target";
  if ("inputs" in input)
    throw new NetworkError(
      `one long text is one input, and the network has ${Object.keys(input.inputs).join(", ")}; ${examples}`,
    );
  if ("width" in input)
    throw new NetworkError(
      `one long text is read as token ids, and the network reads vectors of ${input.width} numbers; ${examples}: { input: [[0.1, …], …], target }`,
    );
  if (losses[loss].target !== "class")
    throw new NetworkError(
      `the targets of one long text are its next tokens, which are classes, and ${loss} has numbers; ${examples}`,
    );
  if (!isList(ids))
    throw new NetworkError(`the text is ${spelled(shown(ids))}; it must be a list of token ids`);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (Number.isInteger(id) && id >= 0 && id < input.vocabulary) continue;
    throw new NetworkError(
      `token ${i} of the text is ${id}; the network's ids are whole numbers from 0 to ${input.vocabulary - 1}`,
    );
  }
}
