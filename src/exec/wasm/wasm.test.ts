/** The wasm executor against PyTorch's golden values. */
import { goldenCases } from "../golden.cases.js";
import { createWasmExecutor } from "./index.js";

goldenCases(() => createWasmExecutor(), 1e-4);
