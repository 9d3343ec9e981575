import type { Preflight } from '../../../src/domain/drill/preflight';
import type { DrillReport } from '../../../src/domain/drill/report';
import type { Drills } from '../../../src/ports/drills';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeDrills = Drills & CallFaults;

/** Reports and pre-flights in memory. */
export function createFakeDrills(): FakeDrills {
  const reports = new Map<string, DrillReport>();
  const preflights = new Map<string, Preflight>();
  return withCallFaults<Drills>({
    saveReport: (report) => {
      if (!reports.has(report.id)) reports.set(report.id, report);
      return Promise.resolve();
    },
    getReport: (id) => Promise.resolve(reports.get(id) ?? null),
    listReports: ({ svc, limit }) =>
      Promise.resolve(
        [...reports.values()]
          .filter((one) => svc === undefined || one.svc === svc)
          .toReversed()
          .slice(0, limit),
      ),
    savePreflight: (preflight) => {
      const held = preflights.get(preflight.svc);
      if (!held || held.checkedAt <= preflight.checkedAt) preflights.set(preflight.svc, preflight);
      return Promise.resolve();
    },
    getPreflight: (svc) => Promise.resolve(preflights.get(svc) ?? null),
    listPreflights: () =>
      Promise.resolve([...preflights.values()].sort((a, b) => (a.svc < b.svc ? -1 : 1))),
  });
}
