import type { GivenPlan } from './plan-given';
import type { ServiceName } from './reference';
import type { Scenario } from './scenario';

/** An entry of the service catalogue: what may be released, and how it is run and probed. */
export interface Service {
  readonly svc: ServiceName;
  /** Image name under `apps/{svc}/`. */
  readonly name: string;
  readonly owner: string;
  /** Whose storage its repositories are; none where the catalogue names none. */
  readonly team?: string;
  /** Signing region: chooses the key. */
  readonly region: string;
  /** Answers 200 once the container serves. The port is given to the container as PORT. */
  readonly healthPath: string;
  readonly scenarios: readonly Scenario[];
  /** How a release of it is tried out and judged, over what the policy says. */
  readonly plan?: GivenPlan;
  /** It has no users: the rollback drill may move its prod:stable (docs/rollback-drill.md). */
  readonly drill?: boolean;
}
