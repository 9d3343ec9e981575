import { ReleaseError } from '../../contract/errors';
import type { FreezeRequest } from '../../contract/schema/api-freeze';
import type { Actor } from '../../domain/actor';
import { FREEZE_ENVIRONMENTS, type FreezeRule } from '../../domain/freeze';
import { ScheduleFault } from '../../domain/freeze-fault';
import { readSchedule, type FreezeSchedule } from '../../domain/freeze-schedule';
import { findService } from '../checks/inputs';
import type { ApiDependencies } from '../dependencies';
import { nextStretches } from './next-stretches';

type FreezeDeps = Pick<ApiDependencies, 'catalog' | 'freezeCalendar' | 'now'>;

/** @throws ReleaseError UNKNOWN_SERVICE, INVALID_INPUT with the field at fault and the example of a right one */
export function readFreeze(deps: FreezeDeps, request: FreezeRequest, actor: Actor): FreezeRule {
  const svc = request.svc === undefined ? null : findService(deps.catalog, request.svc).svc;
  const environments = FREEZE_ENVIRONMENTS.filter((env) => request.environments.includes(env));
  const schedule = readOrRefuse(request);
  const now = deps.now();
  if (nextStretches(deps.freezeCalendar, schedule, now).length === 0) throw neverClosed(schedule);
  return {
    name: request.name,
    scope: { svc, environments },
    schedule,
    reason: request.reason,
    createdBy: actor.subject,
    createdAt: now.toISOString(),
  };
}

function readOrRefuse(request: FreezeRequest): FreezeSchedule {
  try {
    return readSchedule(request);
  } catch (error) {
    if (!(error instanceof ScheduleFault)) throw error;
    throw new ReleaseError('INVALID_INPUT', error.message, {
      cause: error,
      details: { field: error.field, remedy: `for example ${error.example}` },
    });
  }
}

function neverClosed(schedule: FreezeSchedule): ReleaseError {
  const once = schedule.kind === 'once';
  const message = once
    ? `It was over at ${schedule.to} already`
    : `${schedule.rule} from ${schedule.start} on names no time in the next ten years`;
  return new ReleaseError('INVALID_INPUT', message, {
    details: {
      field: once ? 'to' : 'rule',
      remedy: once ? 'name a time to come' : 'for example FREQ=WEEKLY;BYDAY=FR',
    },
  });
}
