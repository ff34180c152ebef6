/**
 * Attention and AdditiveAttention: queries look at values by way of keys, which are the values where there are no others. Source:
 * keras/src/layers/attention/{attention,additive_attention}.py.
 */
import type { Rows } from "../../imported.js";
import { isObject, shown } from "../fields.js";
import type { SourceTensor } from "../source.js";
import { checkOptions, type LayerContext, type LayerRow, nothing, variable } from "./mapped.js";
import { placeAttention } from "./placed-attention.js";
import type { Value } from "./placer.js";

/** How much a query has to do with a key. */
type Score = (query: readonly number[], key: readonly number[]) => number;

/** The values, weighed by the softmax of the scores of their keys. */
function attended(score: Score, [query, value, key = value]: readonly Rows[], causal: boolean): Rows {
  return query!.map((q, t) => {
    const seen = causal ? key!.slice(0, t + 1) : key!;
    const scores = seen.map((k) => score(q, k));
    const largest = scores.reduce((most, v) => Math.max(most, v), Number.NEGATIVE_INFINITY);
    const weights = scores.map((v) => Math.exp(v - largest));
    const total = weights.reduce((sum, v) => sum + v, 0);
    return value![0]!.map((_, i) => weights.reduce((sum, w, s) => sum + (w / total) * value![s]![i]!, 0));
  });
}

const sum = (of: readonly number[]): number => of.reduce((total, v) => total + v, 0);

/** Query, value and key, if they can be attended. */
function readInputs(context: LayerContext): readonly Value[] | undefined {
  const { inputs, refuse } = context;
  if (inputs.some((value) => value === undefined)) return undefined;
  const values = inputs as readonly Value[];
  if (values.length < 2 || values.length > 3) {
    refuse(`reads ${values.length} values; query and value, and keys if they are others, can be imported`);
    return undefined;
  }
  const odd = values.find(({ over }) => over !== "tokens");
  if (odd) {
    refuse(
      odd.over === "ids"
        ? "reads token ids; put an Embedding before it"
        : "reads one vector per sequence; it can be imported where queries and values have steps",
    );
    return undefined;
  }
  return values;
}

/** The named arguments of the call that change what is computed. */
function isCausal({ given, fields, refuse }: LayerContext): boolean {
  const first = Array.isArray(given) && Array.isArray(given[0]) ? given[0][3] : undefined;
  const named = isObject(given) ? given["kwargs"] : first;
  const { use_causal_mask: causal, return_attention_scores: scores } = isObject(named) ? named : {};
  if (scores === true) refuse("the option return_attention_scores true; without it, it can be imported");
  // Keras before 2.10 had it among the layer's options.
  return causal === true || fields.flag("causal", false);
}

/** A kind of attention. */
interface Kind {
  readonly options: readonly string[];
  /** The names of its weights, and whether each is a vector. */
  readonly weights: (context: LayerContext) => readonly (readonly [name: string, vector: boolean])[];
  readonly score: (weights: Readonly<Record<string, readonly number[]>>, context: LayerContext) => Score;
  /** What the score is made of: by products, or by tanh of sums. */
  readonly additive: (context: LayerContext) => boolean;
}

const isConcat = ({ fields }: LayerContext): boolean => (fields.json["score_mode"] ?? "dot") === "concat";

const dotKind: Kind = {
  options: ["use_scale", "score_mode", "dropout", "causal"],
  weights: (context) => [
    ...(context.fields.flag("use_scale", false) ? [["scale", false] as const] : []),
    ...(isConcat(context) ? [["concat_score_weight", false] as const] : []),
  ],
  score:
    ({ scale: [scale = 1] = [], concat_score_weight: [weight = 1] = [] }, context) =>
    (q, k) =>
      isConcat(context)
        ? weight * sum(q.map((v, i) => Math.tanh(scale * (v + k[i]!))))
        : scale * sum(q.map((v, i) => v * k[i]!)),
  additive: isConcat,
};

const additiveKind: Kind = {
  options: ["use_scale", "dropout", "causal"],
  weights: ({ fields }) => (fields.flag("use_scale", true) ? [["scale", true]] : []),
  score:
    ({ scale }) =>
    (q, k) =>
      sum(q.map((v, i) => (scale?.[i] ?? 1) * Math.tanh(v + k[i]!))),
  additive: () => true,
};

function attentionRow(kind: Kind): LayerRow {
  return {
    reads: "several",
    mask: "ignores",
    read(context) {
      const { fields, refuse, assume, layer } = context;
      checkOptions(context, kind.options);
      const mode = fields.json["score_mode"] ?? "dot";
      if (mode !== "dot" && mode !== "concat")
        refuse(`the option score_mode ${shown(mode)}; dot and concat can be imported`);
      const rate = fields.number("dropout", 0);
      if (rate > 0) assume(`has dropout ${rate}, which acts in training only, and was left out`);
      const causal = isCausal(context);
      const values = readInputs(context);
      if (!values) return nothing;
      if (layer.distributed) refuse("would read sequences inside steps (TimeDistributed)");
      const names = kind.weights(context);
      const [query, value, key = value] = values as readonly [Value, Value, Value?];
      const width = query.width;
      if (key!.width !== width)
        refuse(
          `compares queries of ${width} numbers with keys of ${key!.width}; of one width they can be imported`,
        );
      const placed = placeAttention(context, {
        query,
        value,
        key: key!,
        causal,
        additive: kind.additive(context),
      });
      if (!placed) return nothing;
      const { mask: _, held: __, ...steps } = query;
      return {
        outputs: [{ ...steps, ours: placed.ours, width: value.width }],
        variables: names.map(([name, vector]) => variable(context, name, vector ? [width] : [])),
        bind(weights: readonly SourceTensor[]) {
          const found = Object.fromEntries(names.map(([name], i) => [name, Array.from(weights[i]!.values)]));
          const score = kind.score(found, context);
          return {
            parameters: placed.parameters(found),
            mapped: weights.map(({ name }) => ({ from: name, to: placed.to, how: placed.how })),
            stages: [],
            evaluate: (given) => [attended(score, given, causal)],
          };
        },
      };
    },
  };
}

/** The rows. */
export const attentionRows: Readonly<Record<string, LayerRow>> = {
  Attention: attentionRow(dotKind),
  AdditiveAttention: attentionRow(additiveKind),
};
