import type { Json } from '../../src/domain/verdict';

export interface BenchContext {
  /** A smaller n with the same keys. */
  readonly quick: boolean;
  /** A part of it alone; null: all. */
  readonly only: string | null;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Measures and returns the figures; throws when it could not measure, whatever the figures are. */
export type Benchmark = (context: BenchContext) => Promise<Readonly<Record<string, Json>>>;
