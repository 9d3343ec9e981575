import { ApplicationFailure } from '@temporalio/workflow';
import type {
  AbortQueuedInput,
  DecisionInput,
  HoldRequest,
  Preempt,
  ReleaseEnded,
  RequestRollbackInput,
  RollbackEnded,
  SubmitReleaseInput,
} from '../../src/contract/messages';
import type { Actor } from '../../src/domain/actor';

/*
 * Anyone with Temporal Web UI can send any argument. What a handler throws on it stops the workflow for good, so
 * each message is looked at before it is read: a stray update is refused, a stray signal changes nothing.
 */

export function fieldsOf<T extends object>(value: unknown): Readonly<Record<keyof T, unknown>> {
  return (typeof value === 'object' && value !== null ? value : {}) as Record<keyof T, unknown>;
}

function isActor(value: unknown): value is Actor {
  const { subject, roles } = fieldsOf<Actor>(value);
  return typeof subject === 'string' && Array.isArray(roles);
}

function isService(value: unknown): boolean {
  return typeof fieldsOf<{ svc: string }>(value).svc === 'string';
}

function hasSections(policy: unknown, ...names: readonly string[]): boolean {
  const sections = fieldsOf<Record<string, unknown>>(policy);
  return names.every((name) => typeof sections[name] === 'object' && sections[name] !== null);
}

export function isHoldRequest(value: unknown): value is HoldRequest {
  const { actor, reason } = fieldsOf<HoldRequest>(value);
  return isActor(actor) && typeof reason === 'string';
}

/** Histories of 0.1.0 hold decisions without a token; the handlers refuse one that comes now. */
export function isDecisionInput(value: unknown): value is DecisionInput {
  const { token } = fieldsOf<DecisionInput>(value);
  return isHoldRequest(value) && (token === undefined || typeof token === 'string');
}

export function isAbortQueued(value: unknown): value is AbortQueuedInput {
  return isDecisionInput(value) && typeof fieldsOf<AbortQueuedInput>(value).releaseId === 'string';
}

export function isPreempt(value: unknown): value is Preempt {
  const { by, reason } = fieldsOf<Preempt>(value);
  return typeof by === 'string' && typeof reason === 'string';
}

export function isReleaseEnded(value: unknown): value is ReleaseEnded {
  return typeof fieldsOf<ReleaseEnded>(value).releaseId === 'string';
}

export function isRollbackEnded(value: unknown): value is RollbackEnded {
  const { number, ok, held, reason } = fieldsOf<RollbackEnded>(value);
  return (
    typeof number === 'number' &&
    typeof ok === 'boolean' &&
    typeof held === 'boolean' &&
    typeof reason === 'string'
  );
}

export function isSubmitRelease(value: unknown): value is SubmitReleaseInput {
  const { releaseId, service, requestedBy, policy } = fieldsOf<SubmitReleaseInput>(value);
  return (
    typeof releaseId === 'string' &&
    isService(service) &&
    isActor(requestedBy) &&
    hasSections(policy, 'lane', 'timeouts')
  );
}

export function isRequestRollback(value: unknown): value is RequestRollbackInput {
  const { service, target, policy, requestId } = fieldsOf<RequestRollbackInput>(value);
  return (
    isHoldRequest(value) &&
    isService(service) &&
    typeof fieldsOf<{ kind: string }>(target).kind === 'string' &&
    hasSections(policy, 'rollback', 'timeouts') &&
    typeof requestId === 'string'
  );
}

/** For validators of updates. */
export function requireShape<T>(
  value: unknown,
  isRight: (value: unknown) => value is T,
  shape: string,
): asserts value is T {
  if (!isRight(value)) throw ApplicationFailure.nonRetryable(`Expected ${shape}`, 'INVALID_INPUT');
}
