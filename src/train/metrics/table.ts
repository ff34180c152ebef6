/**
 * The table of all metrics: each row stands with its function, in the file of its kind.
 */
import { bleuMetrics } from "./bleu.js";
import { calibrationMetrics } from "./calibration.js";
import { chrfMetrics } from "./chrf.js";
import { classificationMetrics } from "./classification.js";
import { entityMetrics } from "./entities.js";
import { forecastMetrics } from "./forecast.js";
import { likelihoodMetrics } from "./likelihood.js";
import type { Metric } from "./metric.js";
import { multiLabelMetrics } from "./multilabel.js";
import { exactMatchMetrics } from "./text.js";

/**
 * Every metric by the name under which reports give it: what it measures, which way is better, its scale, where its
 * definition is published, and `of`, which computes it from a result of its kind.
 *
 * ```ts
 * metrics.bleu.scale; // "0 to 100"
 * metrics.mae.of({ truth: [1, 2], predicted: [1, 4] }); // 1
 * ```
 */
export const metrics = /* @__PURE__ */ allRows();

/** The name of a metric: "accuracy", "bleu", "mase", … */
export type MetricName = keyof typeof metrics;

// A function, called as "pure": bundlers keep a bare object that is spread from others, and with it every metric, in
// applications that use none.
function allRows() {
  return {
    ...classificationMetrics,
    ...calibrationMetrics,
    ...multiLabelMetrics,
    ...entityMetrics,
    ...exactMatchMetrics,
    ...bleuMetrics,
    ...chrfMetrics,
    ...likelihoodMetrics,
    ...forecastMetrics,
  } as const satisfies Record<string, Metric<never>>;
}
