import { samenessOf, type ServiceCheck } from '../../../src/domain/continuous-check/service-check';
import type {
  AutomaticRollback,
  AutomaticRollbackEnd,
  Checks,
  NewAutomaticRollback,
  RecordedCheck,
  RollbackGuard,
} from '../../../src/ports/checks';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeChecks = Checks & CallFaults;

class Records {
  /** Oldest first. */
  private all: readonly RecordedCheck[] = [];

  record(check: ServiceCheck): RecordedCheck {
    const [last] = this.of(check.svc);
    if (last?.runId === check.runId) return last;
    const isSame = last && samenessOf(last) === samenessOf(check);
    const recorded = isSame
      ? { ...check, since: last.since, runs: last.runs + 1 }
      : { ...check, since: check.at, runs: 1 };
    this.all = [...this.all.filter((one) => !isSame || one !== last), recorded];
    return recorded;
  }

  of(svc: string): readonly RecordedCheck[] {
    return this.all.filter((one) => one.svc === svc).toReversed();
  }

  newest(after: string): readonly RecordedCheck[] {
    const services = [...new Set(this.all.map(({ svc }) => svc))].sort();
    return services.filter((svc) => svc > after).flatMap((svc) => this.of(svc).slice(0, 1));
  }
}

class Rollbacks {
  private all: readonly AutomaticRollback[] = [];

  begin(rollback: NewAutomaticRollback, { max, since }: RollbackGuard): boolean {
    if (this.all.some(({ id }) => id === rollback.id)) return true;
    const made = this.of(rollback.svc).filter(
      ({ at, end }) => end !== 'not-begun' && Date.parse(at) > Date.parse(since),
    );
    if (made.length >= max) return false;
    this.all = [...this.all, { ...rollback, end: null, note: '' }];
    return true;
  }

  end(id: string, end: AutomaticRollbackEnd, note: string): void {
    this.all = this.all.map((one) =>
      one.id === id && one.end === null ? { ...one, end, note } : one,
    );
  }

  of(svc: string): readonly AutomaticRollback[] {
    return this.all.filter((one) => one.svc === svc).toReversed();
  }
}

export function createFakeChecks(): FakeChecks {
  const records = new Records();
  const rollbacks = new Rollbacks();
  const checks: Checks = {
    record: (check) => Promise.resolve(records.record(check)),
    newest: ({ after = '', limit }) => Promise.resolve(records.newest(after).slice(0, limit)),
    history: (svc, limit) => Promise.resolve(records.of(svc).slice(0, limit)),
    beginRollback: (rollback, guard) => Promise.resolve(rollbacks.begin(rollback, guard)),
    endRollback: (id, end, note) => {
      rollbacks.end(id, end, note);
      return Promise.resolve();
    },
    rollbacks: (svc, limit) => Promise.resolve(rollbacks.of(svc).slice(0, limit)),
  };
  return withCallFaults(checks);
}
