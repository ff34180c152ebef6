/**
 * A diagnosis: how the gradient of a network goes back through time, how its gates and units are used, and what may be
 * wrong with that. It takes a network as it is and labelled examples; nothing is trained.
 */
import type { Home, Session } from "../exec/executor.js";
import { openHome } from "../exec/home.js";
import { exampleLength, names, type ObservedLoop, packingOf } from "../nn/build/index.js";
import { type Example, type Network, NetworkError, type Parameters } from "../nn/index.js";
import { activityOf } from "./activity.js";
import type { Diagnosis, LayerDiagnosis } from "./diagnosis-record.js";
import { byDistance, gradientNorms, quantile } from "./distance.js";
import { findingsOf } from "./findings.js";
import { createTracer, type ExampleTrace } from "./trace.js";
import { observedLoops } from "./trace-plan.js";

/** What is diagnosed on. */
export interface DiagnosisOptions {
  /** Examples with targets, from one on. Some dozens are enough: all of it is averages. */
  readonly examples: readonly Example[];
  /** The weights; absent: the session that is given holds them already. */
  readonly parameters?: Parameters;
  /** Examples that run together; default 8. */
  readonly batchSize?: number;
}

/**
 * Diagnoses a network.
 *
 * @example
 * const { layers, findings } = diagnose(net, executor, { parameters, examples });
 * layers[0]?.gradient?.perStep; // 0.62: with every step back the gradient shrinks to 62 %
 * @throws NetworkError if there are no examples, or one does not fit the network or brings no target
 */
export function diagnose(net: Network, home: Home, options: DiagnosisOptions): Diagnosis {
  if (options.examples.length === 0) throw new NetworkError("a diagnosis needs at least one example");
  const opened = openHome(home);
  try {
    return diagnoseIn(opened.session, net, options);
  } finally {
    opened.dispose();
  }
}

function diagnoseIn(session: Session, net: Network, options: DiagnosisOptions): Diagnosis {
  const { examples, parameters, batchSize = 8 } = options;
  const loops = observedLoops(net);
  const activities = loops.map(activityOf);
  const tracer = createTracer(net, session, {
    trace: ["gates", "states", "gradients"],
    batchSize,
    ...(parameters ? { parameters } : {}),
  });
  const sums = { loss: 0, rows: 0 };
  // A batch at a time: the traces of all examples would take more memory than the model.
  for (let from = 0; from < examples.length; from += batchSize) {
    for (const trace of tracer.trace(examples.slice(from, from + batchSize))) {
      sums.loss += trace.loss ?? 0;
      sums.rows += trace.rows.length;
      loops.forEach(({ name }, i) => {
        for (const layer of tracesOf(trace, name)) activities[i]?.add(layer);
      });
    }
  }
  tracer.dispose();
  const norms = gradientNorms(net, session, { examples, batchSize });
  const layers = loops.map((loop, i): LayerDiagnosis => {
    const gradient = byDistance(norms[loop.name] ?? []);
    const { result } = activities[i]!;
    return { ...describe(net, loop), ...(gradient ? { gradient } : {}), ...result() };
  });
  const lengths = examples.map((e) => exampleLength(net, e)).sort((a, b) => a - b);
  return {
    examples: examples.length,
    steps: lengths.reduce((a, b) => a + b, 0),
    lengths: {
      shortest: lengths[0]!,
      median: quantile(lengths, 0.5),
      longest: lengths.at(-1)!,
    },
    loss: sums.rows > 0 ? sums.loss / sums.rows : undefined,
    layers,
    findings: findingsOf(net, layers),
  };
}

const tracesOf = ({ layers, inside = [] }: ExampleTrace, name: string) => {
  const own = layers[name];
  return own ? [own] : inside.flatMap((step) => step[name] ?? []);
};

function describe(
  net: Network,
  { name, cell, units, reverse, packing, body }: ObservedLoop,
): Pick<LayerDiagnosis, "name" | "cell" | "units" | "reads" | "of" | "gated"> {
  const inputs = "inputs" in net.input ? Object.entries(net.input.inputs) : [];
  const beside = inputs.some(([input, of]) => of.beside && packingOf(input) === packing);
  return {
    name,
    cell,
    units,
    reads: reverse ? "reverse" : "forward",
    of: packing === names.packing ? "sequence" : beside ? "source" : "inside",
    gated: Object.values(body.gates ?? {}).some(({ op }) => op === "sigmoid"),
  };
}
