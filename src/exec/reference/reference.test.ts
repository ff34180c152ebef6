/** The reference interpreter against PyTorch's golden values. */

import { recurrenceCases } from "../../plan/recurrence.cases.js";
import { sessionCases } from "../cases/sessions.cases.js";
import { steppingCases } from "../cases/stepping.cases.js";
import { stopsCases } from "../cases/stops.cases.js";
import { goldenCases } from "../golden.cases.js";
import { createReferenceExecutor } from "./index.js";

// Both sides compute in float64; what differs is the order of sums of at most a few dozen terms.
goldenCases(createReferenceExecutor, 1e-10);
recurrenceCases(createReferenceExecutor, 1e-12);
const subject = { create: createReferenceExecutor, tolerance: { sums: 0, functions: 0 } };
steppingCases(subject);
sessionCases(subject);
stopsCases(subject);
