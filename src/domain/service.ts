import type { ServiceName } from './reference';

/** One HTTP step of a synthetic scenario and what it must answer. */
export interface ScenarioStep {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Absolute path with query; the host is the track under test. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly expect: {
    readonly status: number;
    /** A substring of the body, at most 64 KiB are read. */
    readonly bodyContains?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly maxMs?: number;
  };
}

export interface Scenario {
  readonly name: string;
  readonly steps: readonly ScenarioStep[];
}

/** An entry of the service catalogue: what may be released, and how it is run and probed. */
export interface Service {
  readonly svc: ServiceName;
  /** Image name under `apps/{svc}/`. */
  readonly name: string;
  readonly owner: string;
  /** Signing region: chooses the key. */
  readonly region: string;
  /** Answers 200 once the container serves. The port is given to the container as PORT. */
  readonly healthPath: string;
  readonly scenarios: readonly Scenario[];
}
