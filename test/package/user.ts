/**
 * A user's first program: test/package.test.ts type-checks it under strict and runs it against the installed package.
 */
import { classifier } from "unrolled";
import { add, cell, mul, sigmoid, sub, tanh } from "unrolled/cell";

const mgu = cell("mgu", { states: ["h"], output: "h" }, ({ h, x, affine }) => {
  const f = sigmoid(affine("f", h, x)); // f = σ(w_f [h⟨t−1⟩, x⟨t⟩] + b_f)
  const candidate = tanh(affine("h", mul(f, h), x)); // h̃ = tanh(w_h [f ∘ h⟨t−1⟩, x⟨t⟩] + b_h)
  return { gates: { f, h̃: candidate }, h: add(mul(sub(1, f), h), mul(f, candidate)) };
});
const words = ["good", "fine", "lovely", "bad", "poor", "awful"];
const train = words.flatMap((word, i) =>
  ["a book", "this film", "the food"].map((what) => ({
    text: `${word} was ${what}`,
    label: i < 3 ? "yes" : "no",
  })),
);
const model = await classifier.train({
  train,
  valid: train,
  cell: mgu,
  units: [16],
  epochs: 30,
  minimumCount: 1,
});
const [answer] = await model.predict(["lovely was this film"]);
console.log(answer?.label);
model.dispose();
