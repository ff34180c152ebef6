/** Which builds of PyTorch are measured: only the one of PyPI that the bench installs itself. */
import { expect, it } from "vitest";
import { refusal } from "./pytorch.mjs";

const python = "3.11.2";

it("the build that the bench installs is a peer", () => {
  expect(refusal({ python, version: "2.13.0+cpu", blas: "MKL 2024.2" }, true)).toBeUndefined();
  expect(refusal({ python, version: "3.0.1", blas: "accelerate" }, true)).toBeUndefined();
});

it.each([
  ["1.13.0a0", "generic", false, /without a fast BLAS \(as Debian's is\).*npm run bench -- --install puts/],
  ["2.13.0", "generic", true, /without a fast BLAS/],
  ["2.12.1+cpu", "MKL 2024.2", true, /older than 2\.13: npm run bench/],
  ["1.99.0", "MKL 2020.0", true, /older than 2\.13/],
  ["2.13.0", "MKL 2024.2", false, /only what the bench installs itself is: npm run bench/],
])("%s with %s, installed by the bench: %s, is refused", (version, blas, own, reason) => {
  expect(refusal({ python, version, blas }, own)).toMatch(reason);
});
