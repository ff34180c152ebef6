/**
 * Pooling by attention whose scores the network computes as it likes: Σ_t α⟨t⟩ h⟨t⟩, α the softmax of the scores over the steps.
 * Here it is a recurrence over score and vector side by side, computed online (Milakov and Gimelshein 2018): with the largest
 * score so far m and s = Σ e^(e⟨t⟩ − m), the mean o moves towards each vector by its share of s. Its last state is the result.
 */
import { add, cell, div, exp, greater, max, min, mul, select, sub } from "../../../cell/index.js";

/** The cell; its products take the score, and the vector, out of what they are given. */
export const attentionMean = /* @__PURE__ */ cell(
  "attentionMean",
  { states: ["m", "s", "o"], output: "o" },
  ({ m, s, o, x, affine }) => {
    const [e, v] = [affine("e", x), affine("v", x)];
    // Before the first step there is no largest score.
    const highest = select(greater(s, 0), max(m, e), e);
    const weight = exp(sub(e, highest));
    const sum = add(mul(s, exp(min(sub(m, highest), 0))), weight);
    return { m: highest, s: sum, o: add(o, mul(div(weight, sum), sub(v, o))) };
  },
);
