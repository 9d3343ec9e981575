import { isDeepStrictEqual } from 'node:util';
import type { ServiceName } from '../../domain/reference';
import type { Manifest } from './kube-client';
import {
  backendRefs,
  CONTAINER,
  hostOf,
  imageOf,
  ROUTE_MATCHES,
  SERVICE_PORT,
  versionFilters,
  type At,
} from './manifests';
import { runName, runSelector } from './names';
import type { KubernetesOptions } from './options';
import { lastOtherWriter, lastScaler, ownedByOthers } from './ownership';
import { sharesOf, type Placement } from './placement';
import type { Deployment, HttpRoute, Placed, Service } from './schema';

/**
 * What somebody else changed: one sentence, or null. Each of these objects is written by this adapter alone, which notes
 * beside the fields what they have to say.
 */
export function routeDrift(
  at: At,
  route: HttpRoute,
  placement: Placement,
  options: Pick<KubernetesOptions, 'gateway' | 'urls'>,
): string | null {
  const { rules } = route.spec;
  const expected = describeRefs(backendRefs(at.svc, placement, null));
  const actual = rules.map((rule) => describeRule(rule, at.svc, placement)).join(' and ');
  const who = lastOtherWriter(route.metadata);
  const what = `${who} changed HTTPRoute ${route.metadata.name}`;
  if (rules.length !== 1 || actual !== expected) {
    return `${what}: it splits ${actual}, not ${expected}`;
  }
  const attached = attachmentDrift(at, route, options);
  return attached === null ? null : `${what}: ${attached}`;
}

/** Where requests come from. Only what somebody else wrote: other settings of this adapter are none, and come with the next write. */
function attachmentDrift(
  at: At,
  { metadata, spec }: HttpRoute,
  { gateway, urls }: Pick<KubernetesOptions, 'gateway' | 'urls'>,
): string | null {
  const hosts = [hostOf(at, urls)];
  if (ownedByOthers(metadata, 'hostnames') && !isDeepStrictEqual(spec.hostnames, hosts)) {
    return `it is reached by ${spec.hostnames.join(', ') || 'any host'}, not ${hosts.join(', ')}`;
  }
  const parents = spec.parentRefs.map(({ name, namespace }) => `${namespace ?? ''}/${name}`);
  const expected = `${gateway.namespace}/${gateway.name}`;
  return ownedByOthers(metadata, 'parentRefs') && parents.join(', ') !== expected
    ? `it hangs on ${parents.join(', ') || 'no Gateway'}, not ${expected}`
    : null;
}

type Rule = HttpRoute['spec']['rules'][number];

function describeRule(
  { matches, backendRefs: refs, ...more }: Rule,
  svc: ServiceName,
  placement: Placement,
): string {
  const paths = isDeepStrictEqual(matches, ROUTE_MATCHES) ? [] : ['matches'];
  const filters = refs
    .filter((ref) => !hasOwnFilters(ref, svc, placement))
    .map(({ name }) => `filters of ${name}`);
  const added = [...paths, ...filters, ...Object.keys(more)];
  return `${describeRefs(refs)}${added.length === 0 ? '' : ` with its own ${added.join(', ')}`}`;
}

/** None, or the one that tells the version, whatever its header was called when it was written. */
function hasOwnFilters(
  { name, filters = [] }: Rule['backendRefs'][number],
  svc: ServiceName,
  placement: Placement,
): boolean {
  if (filters.length === 0) return true;
  const share = sharesOf(placement).find(({ digest }) => runName(svc, digest) === name);
  const header = headerIn(filters[0]);
  return (
    share !== undefined &&
    header !== null &&
    isDeepStrictEqual(filters, versionFilters(header, share.digest))
  );
}

function headerIn(filter: unknown): string | null {
  const { requestHeaderModifier: modifier } = filter as {
    readonly requestHeaderModifier?: { readonly set?: readonly Manifest[] };
  };
  const name = modifier?.set?.[0]?.['name'];
  return typeof name === 'string' ? name : null;
}

function describeRefs(
  refs: readonly {
    name: string;
    namespace?: string | undefined;
    weight: number;
    port?: number | undefined;
  }[],
): string {
  const parts = refs.map(({ name, namespace, weight, port }) => {
    const where = namespace === undefined ? '' : `${namespace}/`;
    return `${where}${name}:${port ?? 0}=${weight}`;
  });
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** What runs in the place of a digest: its image, and what somebody put around it. */
export function runDrift(
  deployment: Deployment,
  placed: Placed,
  registryHost: string,
): string | null {
  const { metadata, spec } = deployment;
  const expected = imageOf(placed, registryHost);
  const pods = spec.template.spec;
  const actual = pods.containers.find(({ name }) => name === CONTAINER)?.image;
  const changed = `${lastOtherWriter(metadata)} changed Deployment ${metadata.name}`;
  if (actual !== expected) {
    return `${changed}: it runs ${actual ?? 'no such container'}, not ${expected}`;
  }
  const added = addedTo(pods);
  return added.length === 0 ? null : `${changed}: its pods have their own ${added.join(', ')}`;
}

type Pods = Deployment['spec']['template']['spec'];

/** What changes a digest's behaviour and is never written here. Labels, resources and a restart by annotation are not asked for. */
function addedTo({ containers, initContainers, ...host }: Pods): readonly string[] {
  const app = containers.find(({ name }) => name === CONTAINER);
  const others = containers.filter(({ name }) => name !== CONTAINER);
  const env = (app?.env ?? []).filter(({ name }) => name !== 'PORT');
  return [
    ...(app?.command.length ? ['command'] : []),
    ...(app?.args.length ? ['args'] : []),
    ...env.map(({ name }) => `variable ${name}`),
    ...(app?.securityContext?.privileged === true ? ['privileges'] : []),
    ...others.map(({ name }) => `container ${name}`),
    ...initContainers.map(({ name }) => `init container ${name}`),
    ...Object.entries(host)
      .filter(([, on]) => on)
      .map(([name]) => name),
  ];
}

/** The stable version has to be there: what somebody took away is drift, and the way back makes it again. */
export function absence(name: string, deployment: Deployment | null): string | null {
  if (!deployment || deployment.metadata.deletionTimestamp !== undefined) {
    return `somebody deleted Deployment ${name}, which runs the stable version`;
  }
  return deployment.spec.replicas === 0
    ? `${lastScaler(deployment.metadata)} scaled Deployment ${name} to 0, which runs the stable version`
    : null;
}

export function serviceDrift(
  svc: ServiceName,
  service: Service | null,
  placed: Placed,
): string | null {
  if (!service) return `somebody deleted Service ${runName(svc, placed.digest)}`;
  const { metadata, spec } = service;
  const changed = `${lastOtherWriter(metadata)} changed Service ${metadata.name}`;
  if (!isDeepStrictEqual(spec.selector, runSelector(svc, placed.digest))) {
    return `${changed}: it selects other pods`;
  }
  const target = spec.ports.find(({ port }) => port === SERVICE_PORT)?.targetPort;
  return target === 'http' ? null : `${changed}: it leads to another port`;
}
