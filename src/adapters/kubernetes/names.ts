import { createHash } from 'node:crypto';
import type { Digest } from '../../domain/digest';
import type { ServiceName } from '../../domain/reference';

export const MANAGED_BY = 'app.kubernetes.io/managed-by';
export const MANAGER = 'plura-reg';

export const LABELS = {
  service: 'plura.reg/service',
  /** `stable`, `candidate`, `former` or `withdrawn`; for people, the route's annotation decides. */
  track: 'plura.reg/track',
  /** 32 hex digits: a label holds no more than 63 characters. */
  digest: 'plura.reg/digest',
} as const;

export const ANNOTATIONS = {
  /** Highest epoch that wrote the object. */
  epoch: 'plura.reg/epoch',
  /** On the route: what is placed, JSON. */
  state: 'plura.reg/state',
  /** The whole digest. */
  digest: 'plura.reg/digest',
  /** On an Argo Rollout: the image that was set last, so that another one is seen as somebody else's. */
  image: 'plura.reg/image',
  /** On an Argo Rollout that was scaled to 0: its size before. */
  replicas: 'plura.reg/replicas',
} as const;

/** An RFC 1035 label has 63; a hyphen and twelve digits of the digest come behind it. */
const MAX_BASE = 50;
const HASH = 8;
const DNS_LABEL = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * Name of a service's objects: the service's own where that is a DNS label (RFC 1035), else made from it, with a hash so
 * that `a.b` and `a-b` do not meet.
 */
export function objectName(svc: ServiceName): string {
  if (svc.length <= MAX_BASE && DNS_LABEL.test(svc)) {
    return svc;
  }
  const hash = createHash('sha256').update(svc).digest('hex').slice(0, HASH);
  const cleaned = svc.replace(/[^a-z0-9-]+/g, '-').slice(0, MAX_BASE - HASH - 3);
  return `s-${cleaned.replace(/-+$/, '')}-${hash}`;
}

/** Name of the Deployment and the Service that run one digest of a service. */
export function runName(svc: ServiceName, digest: Digest): string {
  return `${objectName(svc)}-${digest.slice(7, 19)}`;
}

export function serviceLabels(svc: ServiceName): Readonly<Record<string, string>> {
  return { [MANAGED_BY]: MANAGER, 'app.kubernetes.io/name': svc, [LABELS.service]: svc };
}

export function digestLabel(digest: Digest): string {
  return digest.slice(7, 39);
}

/** Selects the pods of one digest of a service. */
export function runSelector(svc: ServiceName, digest: Digest): Readonly<Record<string, string>> {
  return { [LABELS.service]: svc, [LABELS.digest]: digestLabel(digest) };
}

export function selectorText(selector: Readonly<Record<string, string>>): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
