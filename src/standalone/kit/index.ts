/** All pieces of the kit, and those that a module needs, in the order in which they are listed. */
import { graphPieces } from "./graph.js";
import { inputPieces } from "./inputs.js";
import { layerPieces } from "./layers.js";
import { outputPieces } from "./outputs.js";
import type { Piece } from "./piece.js";
import { poolingPieces } from "./pooling.js";
import { streamPieces } from "./stream.js";
import { textPieces } from "./text.js";
import { weightPieces } from "./weights.js";

const allPieces = (): Readonly<Record<string, Piece>> => ({
  ...inputPieces,
  ...layerPieces,
  ...poolingPieces,
  ...graphPieces,
  ...outputPieces,
  ...streamPieces,
  ...textPieces(),
  ...weightPieces,
});

/** Names that the kit takes in a module. */
export const pieceNames = (): readonly string[] => Object.keys(allPieces());

/** The texts of these pieces and of those that they call. */
export function kitCode(needs: Iterable<string>): string {
  const pieces = allPieces();
  const wanted = new Set<string>();
  const want = (name: string): void => {
    if (wanted.has(name)) return;
    wanted.add(name);
    pieces[name]!.needs?.forEach(want);
  };
  for (const name of needs) want(name);
  return Object.entries(pieces)
    .filter(([name]) => wanted.has(name))
    .map(([, { code }]) => code.trim())
    .join("\n\n");
}
