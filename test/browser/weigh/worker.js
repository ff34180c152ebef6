/**
 * The module of a training worker; browser.test.ts weighs it.
 */
import "unrolled/tasks/worker";
