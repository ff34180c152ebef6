/**
 * What a command has around it: the streams, the environment, signals, and where models run. The process has one set
 * of these (process.ts); tests provide their own.
 */
import type { Source } from "../../data/index.js";
import type { Executor, ExecutorOptions } from "../../exec/registry/index.js";

/** Where text goes (visible.ts makes them). */
export interface TextSink {
  /** Writes text, its control characters made visible but for tabs and line feeds. */
  write(text: string): unknown;
  /** Writes a text that is the result itself: on a terminal as `write` does, elsewhere byte for byte. */
  exact(text: string): unknown;
  /** Writes the program's own control sequences, and nothing that comes from elsewhere. */
  draw(text: string): unknown;
  /** Settles when a slow reader has taken what was written. @throws what the stream failed with */
  drained(): Promise<void>;
  /** True if it is a terminal: progress is then drawn in place. */
  readonly isTTY?: boolean;
  /** Width of the terminal in characters. */
  readonly columns?: number | undefined;
}

/** Everything that a command touches, apart from files. */
export interface Surroundings {
  /** Takes results. */
  readonly stdout: TextSink;
  /** Takes progress, remarks and errors. */
  readonly stderr: TextSink;
  readonly stdin: Source & {
    readonly isTTY?: boolean;
    /** Reads no further, though there may be more to come: who would write it need not be waited for. */
    close?(): void;
  };
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * From the call on, Ctrl-C, SIGTERM and SIGHUP abort this signal with `Interrupted` and no longer end the process at once;
   * the second one does.
   */
  interruption(): AbortSignal;
  /** From the call on, the command goes on although nobody reads what it prints any more: it has something to save. */
  outliveReaders(): void;
  /** What models run on, by default the fastest tier on one thread. The caller disposes of the executor. */
  createExecutor(options?: ExecutorOptions): Promise<Executor>;
}
