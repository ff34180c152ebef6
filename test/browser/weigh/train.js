/**
 * What an application imports to train a task; browser.test.ts weighs it.
 */
import { classifier } from "unrolled";

globalThis.used = [classifier];
