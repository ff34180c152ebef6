/** Convolutions over the steps as layers of ours. */
import type { Placer } from "./placer.js";

/** A convolution over steps. */
export interface Convolution {
  readonly units: number;
  readonly kernel: number;
  readonly dilation?: number;
  readonly padding: "same" | "causal";
}

/** Places a convolution; its name, or undefined if there is none here. */
export function placeConvolution(_placer: Placer, _of: Convolution, _from: string): string | undefined {
  return undefined;
}

/** Why there is none. */
export const noConvolution = "needs a convolution over steps, which there is none of here yet";
