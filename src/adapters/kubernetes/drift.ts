import type { ServiceName } from '../../domain/reference';
import { backendRefs, CONTAINER, imageOf, ROUTE_MATCHES } from './manifests';
import { runSelector } from './names';
import { lastOtherWriter } from './ownership';
import type { Placement } from './placement';
import type { Deployment, HttpRoute, Placed, Service } from './schema';

/**
 * What somebody else changed: one sentence, or null. Each of these objects is written by this adapter alone, which notes
 * beside the fields what they have to say.
 */
export function routeDrift(
  svc: ServiceName,
  route: HttpRoute,
  placement: Placement,
): string | null {
  const { rules } = route.spec;
  const expected = describeRefs(backendRefs(svc, placement));
  const actual = rules.map(describeRule).join(' and ');
  if (rules.length === 1 && actual === expected) {
    return null;
  }
  const who = lastOtherWriter(route.metadata);
  return `${who} changed HTTPRoute ${route.metadata.name}: it splits ${actual}, not ${expected}`;
}

type Rule = HttpRoute['spec']['rules'][number];

function describeRule({ matches, backendRefs: refs, ...more }: Rule): string {
  const paths = JSON.stringify(matches) === JSON.stringify(ROUTE_MATCHES) ? [] : ['matches'];
  const added = [...paths, ...Object.keys(more)];
  return `${describeRefs(refs)}${added.length === 0 ? '' : ` with its own ${added.join(', ')}`}`;
}

function describeRefs(
  refs: readonly { name: string; weight: number; port?: number | undefined }[],
): string {
  const parts = refs.map(({ name, weight, port }) => `${name}:${port ?? 0}=${weight}`);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

export function imageDrift(
  deployment: Deployment,
  placed: Placed,
  registryHost: string,
): string | null {
  const { metadata, spec } = deployment;
  const expected = imageOf(placed, registryHost);
  const actual = spec.template.spec.containers.find(({ name }) => name === CONTAINER)?.image;
  if (actual === expected) {
    return null;
  }
  const who = lastOtherWriter(metadata);
  return `${who} changed Deployment ${metadata.name}: it runs ${actual ?? 'no such container'}, not ${expected}`;
}

export function selectorDrift(svc: ServiceName, service: Service, placed: Placed): string | null {
  const { metadata, spec } = service;
  const expected = Object.entries(runSelector(svc, placed.digest));
  const same =
    expected.length === Object.keys(spec.selector).length &&
    expected.every(([key, value]) => spec.selector[key] === value);
  if (same) {
    return null;
  }
  return `${lastOtherWriter(metadata)} changed Service ${metadata.name}: it selects other pods`;
}
