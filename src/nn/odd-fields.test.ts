/** Fields of a model that hold what no text can be made of are shown as JSON, not stumbled over. */
import { expect, it } from "vitest";
import { rnn } from "../cell/index.js";
import { networkData, networkFromData } from "./build/index.js";
import { linear, network, recurrent } from "./index.js";

/** What JSON can hold and `String` cannot take. */
const odd = { toString: 1, valueOf: 1 };

it.each(["loss", "direction"])("%s", (key) => {
  const net = network({
    input: { width: 1 },
    layers: [recurrent({ cell: rnn, units: 1 }), linear({ units: 1 })],
    loss: "squaredError",
  });
  const data = JSON.parse(JSON.stringify(networkData(net)));
  (key === "loss" ? data : data.layers[0])[key] = odd;
  expect(() => networkFromData(data)).toThrow(
    `has ${key === "loss" ? "the loss" : key} {"toString":1,"valueOf":1}`,
  );
});
