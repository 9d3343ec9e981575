import type { ReleaseError } from '../../contract/errors';
import { FIELD_MANAGER } from './kube-client';
import { failed } from './kube-errors';
import { LABELS, MANAGED_BY, MANAGER } from './names';
import type { ManagedFields, Meta } from './schema';

/** Refuses to touch what does not carry our labels for this service. */
export function assertOurs(kind: string, { name, labels }: Meta, svc: string): void {
  if (labels[MANAGED_BY] !== MANAGER || labels[LABELS.service] !== svc) {
    throw foreign(kind, name, svc);
  }
}

export function foreign(kind: string, name: string, svc: string): ReleaseError {
  return failed(
    `${kind} ${name} is there already and is not ours: it lacks the labels of ${svc}`,
    `Delete or rename it, or hand it over with the labels ${MANAGED_BY}=${MANAGER} and ${LABELS.service}=${svc}.`,
  );
}

/** Who wrote the spec last, us apart: for the sentence that says what drifted. */
export function lastOtherWriter({ managedFields }: Meta): string {
  return nameLast(managedFields.filter((one) => one.subresource === undefined && writesSpec(one)));
}

/** As that, for the size, which `kubectl scale` and autoscalers write by its own door. */
export function lastScaler({ managedFields }: Meta): string {
  return nameLast(managedFields.filter((one) => writesSpec(one) && 'f:replicas' in specOf(one)));
}

/** Whether somebody else wrote that field of the spec. */
export function ownedByOthers({ managedFields }: Meta, field: string): boolean {
  return managedFields.some((one) => writesSpec(one) && `f:${field}` in specOf(one));
}

function nameLast(writers: readonly ManagedFields[]): string {
  const [last] = [...writers].sort(newestFirst);
  return last ? `${last.manager}${last.time === undefined ? '' : ` at ${last.time}`}` : 'somebody';
}

function specOf({ fieldsV1 }: ManagedFields): object {
  return fieldsV1['f:spec'] ?? {};
}

function writesSpec({ manager, fieldsV1 }: ManagedFields): boolean {
  return manager !== FIELD_MANAGER && 'f:spec' in fieldsV1;
}

function newestFirst(a: ManagedFields, b: ManagedFields): number {
  return (b.time ?? '').localeCompare(a.time ?? '');
}
