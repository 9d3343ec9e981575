import type { Advisory, AdvisoryFinding } from './advisory';
import type { Component } from './component';

/** What of these advisories hits the component, as `trivy sbom` reports it unfiltered; each id once, by id. */
export declare function matchComponent(
  component: Component,
  advisories: readonly Advisory[],
): readonly AdvisoryFinding[];
