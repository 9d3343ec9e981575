import type { Json } from './verdict';

/** What a scenario starts out with. A secret is in no result; one that comes by file is in no history either. */
export type ScenarioVariable =
  | { readonly value: string; readonly secret?: boolean }
  /** Name of a file among the worker's scenario secrets; its text is secret. */
  | { readonly file: string };

/**
 * A value taken out of an answer: from `json` (a path), from `header`, or else from the body. `after` and `before`
 * are literals: what lies between their first places is taken.
 */
export interface ScenarioCapture {
  readonly json?: string;
  readonly header?: string;
  readonly after?: string;
  readonly before?: string;
  readonly secret?: boolean;
}

/** All that are given must hold. */
export interface HeaderExpectation {
  readonly equals?: string;
  readonly contains?: string;
  readonly present?: boolean;
}

export const JSON_TYPES = [
  'string',
  'number',
  'integer',
  'boolean',
  'object',
  'array',
  'null',
] as const;
export type JsonType = (typeof JSON_TYPES)[number];

/** All that are given must hold of the value at `path`, which must be there unless `exists` is false. */
export interface JsonExpectation {
  /** RFC 6901 pointer, `/items/0/sku`, or the subset `$.items[0].sku` of JSONPath. */
  readonly path: string;
  readonly equals?: Json;
  readonly exists?: boolean;
  readonly type?: JsonType;
  /** Both ends belong to the range. */
  readonly min?: number;
  readonly max?: number;
}

export interface StepExpectation {
  readonly status: number | readonly number[];
  /** A substring of the body: of its first 64 KiB, or of `maxBodyBytes`. */
  readonly bodyContains?: string;
  /** A text is what the header must be equal to. */
  readonly headers?: Readonly<Record<string, string | HeaderExpectation>>;
  readonly json?: readonly JsonExpectation[];
  /** A larger body fails the step. */
  readonly maxBodyBytes?: number;
  /** The step's budget, from the request to the end of the answer. */
  readonly maxMs?: number;
}

/** One HTTP step of a synthetic scenario and what it must answer. `{{name}}` stands for a variable's value. */
export interface ScenarioStep {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Absolute path with query; the host is the track under test. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How many redirects are followed, on the same host only. None without it. */
  readonly redirects?: number;
  readonly expect: StepExpectation;
  /** Variables for the steps after this one, by name. */
  readonly capture?: Readonly<Record<string, ScenarioCapture>>;
}

export interface Scenario {
  readonly name: string;
  readonly variables?: Readonly<Record<string, ScenarioVariable>>;
  /** For all steps together, in ms. */
  readonly budgetMs?: number;
  readonly steps: readonly ScenarioStep[];
}
