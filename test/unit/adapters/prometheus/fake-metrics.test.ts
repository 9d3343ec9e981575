import type { WindowQuery } from '../../../../src/ports/metrics-source';
import { describeMetricsSourceContract } from '../../../support/contracts/metrics-source';
import {
  createFakeMetricsSource,
  healthySample,
  type SeriesScript,
} from '../../../support/fakes/metrics-source';

const query: WindowQuery = {
  svc: 'shop',
  env: 'prod',
  digest: `sha256:${'a'.repeat(64)}`,
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-01-01T00:01:00.000Z',
};

/** Before `query`. */
const STORED_SINCE = '2025-12-31T23:59:00.000Z';

const seriesNamed: SeriesScript = ({ query: name }, count) => {
  const of = (value: number): readonly number[] => new Array<number>(count).fill(value);
  const known: Readonly<Record<string, readonly (readonly number[])[]>> = {
    full: [of(1)],
    none: [],
    several: [of(1), of(2)],
    notANumber: [of(NaN)],
    infinite: [of(Infinity)],
  };
  return known[name] ?? [];
};

describeMetricsSourceContract('the fake metrics source', () => {
  const source = createFakeMetricsSource(
    ({ svc }) =>
      svc === 'idle'
        ? healthySample({ requests: 0, p95Ms: null })
        : healthySample({ requests: 34, errors: 4 }),
    seriesNamed,
    STORED_SINCE,
  );
  const { from, to } = query;
  const series = (name: string): { query: string; from: string; to: string; stepMs: number } => ({
    query: name,
    from,
    to,
    stepMs: 7_000,
  });
  return Promise.resolve({
    source,
    busy: { query, requests: 34, errors: 4 },
    idle: { ...query, svc: 'idle' },
    late: { ...query, from: '2025-12-31T23:58:30.000Z' },
    tooLate: { ...query, from: '2025-12-31T23:30:00.000Z' },
    series: {
      full: series('full'),
      none: series('none'),
      several: series('several'),
      notANumber: series('notANumber'),
      infinite: series('infinite'),
    },
  });
});
