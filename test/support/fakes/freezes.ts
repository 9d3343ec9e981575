import { ReleaseError } from '../../../src/contract/errors';
import type { FreezeRule, LineStop } from '../../../src/domain/freeze';
import { MAX_FREEZES, type Freeze, type Freezes } from '../../../src/ports/freezes';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeFreezes = Freezes & CallFaults;

interface Stop extends LineStop {
  readonly resumedAt: string | null;
  readonly resumedBy: string | null;
}

function isSame(held: Freeze, freeze: FreezeRule): boolean {
  const contentOf = ({ name, scope, schedule, reason, createdBy }: FreezeRule): string =>
    JSON.stringify([name, scope.svc, scope.environments, schedule, reason, createdBy]);
  return contentOf(held) === contentOf(freeze);
}

function coversService(svc: string): (one: { readonly svc: string | null }) => boolean {
  return (one) => one.svc === null || one.svc === svc;
}

class Calendar {
  private freezes: readonly Freeze[] = [];

  open(): readonly Freeze[] {
    return this.freezes.filter((one) => one.deletedAt === null);
  }

  add(freeze: FreezeRule): Freeze {
    const held = this.open().find((one) => one.name === freeze.name);
    if (held && isSame(held, freeze)) return held;
    if (this.open().length >= MAX_FREEZES) {
      throw new ReleaseError('INVALID_INPUT', `There are ${MAX_FREEZES} freezes already`);
    }
    if (held) throw new ReleaseError('FREEZE_EXISTS', `There is a freeze "${freeze.name}" already`);
    const added = { ...freeze, deletedAt: null, deletedBy: null, deleteReason: null };
    this.freezes = [...this.freezes, added];
    return added;
  }

  list(svc: string | undefined, all: boolean): readonly Freeze[] {
    return (all ? this.freezes : this.open())
      .filter((one) => svc === undefined || coversService(svc)(one.scope))
      .toReversed();
  }

  remove(name: string, deletedBy: string, deleteReason: string, deletedAt: string): boolean {
    const held = this.open().find((one) => one.name === name);
    if (held) {
      const gone = { ...held, deletedAt, deletedBy, deleteReason };
      this.freezes = this.freezes.map((one) => (one === held ? gone : one));
      return true;
    }
    return this.freezes.some(
      (one) => one.name === name && one.deletedBy === deletedBy && one.deletedAt === deletedAt,
    );
  }
}

class Line {
  private all: readonly Stop[] = [];

  open(): readonly Stop[] {
    return this.all.filter((one) => one.resumedAt === null);
  }

  stop(stop: LineStop): Stop {
    const held = this.open().find((one) => one.svc === stop.svc);
    if (held) return held;
    const added = { ...stop, resumedAt: null, resumedBy: null };
    this.all = [...this.all, added];
    return added;
  }

  resume(svc: string | null, resumedBy: string, resumedAt: string): boolean {
    const held = this.open().find((one) => one.svc === svc);
    if (held) {
      this.all = this.all.map((one) => (one === held ? { ...held, resumedBy, resumedAt } : one));
      return true;
    }
    return this.all.some(
      (one) => one.svc === svc && one.resumedBy === resumedBy && one.resumedAt === resumedAt,
    );
  }
}

function toStop({ svc, reason, by, at }: Stop): LineStop {
  return { svc, reason, by, at };
}

export function createFakeFreezes(): FakeFreezes {
  const calendar = new Calendar();
  const line = new Line();
  const freezes: Freezes = {
    // Throws in a promise, as the real one does.
    add: async (freeze) => Promise.resolve(calendar.add(freeze)),
    get: (name) => Promise.resolve(calendar.open().find((one) => one.name === name) ?? null),
    list: ({ svc, all = false, limit }) => Promise.resolve(calendar.list(svc, all).slice(0, limit)),
    remove: (name, actor, reason, at) => Promise.resolve(calendar.remove(name, actor, reason, at)),
    stop: (stop) => Promise.resolve(toStop(line.stop(stop))),
    resume: (svc, actor, _reason, at) => Promise.resolve(line.resume(svc, actor, at)),
    stops: () => Promise.resolve(line.open().map(toStop)),
    covering: (svc) =>
      Promise.resolve({
        freezes: calendar.open().filter((one) => coversService(svc)(one.scope)),
        stops: line.open().filter(coversService(svc)).map(toStop),
      }),
  };
  return withCallFaults(freezes);
}
