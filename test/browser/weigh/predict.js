/**
 * What an application imports to load a model and predict; browser.test.ts weighs it.
 */
import { createWasmExecutor } from "unrolled/exec/wasm";
import { readModel } from "unrolled/io";
import { createPredictor } from "unrolled/nn";

globalThis.used = [createPredictor, readModel, createWasmExecutor];
