import type { WindowQuery } from '../../../../src/ports/metrics-source';
import { describeMetricsSourceContract } from '../../../support/contracts/metrics-source';
import { createFakeMetricsSource, healthySample } from '../../../support/fakes/metrics-source';

const query: WindowQuery = {
  svc: 'shop',
  env: 'prod',
  digest: `sha256:${'a'.repeat(64)}`,
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-01-01T00:01:00.000Z',
};

describeMetricsSourceContract('the fake metrics source', () => {
  const source = createFakeMetricsSource(({ svc }) =>
    svc === 'idle'
      ? healthySample({ requests: 0, p95Ms: null })
      : healthySample({ requests: 34, errors: 4 }),
  );
  return Promise.resolve({
    source,
    busy: { query, requests: 34, errors: 4 },
    idle: { ...query, svc: 'idle' },
  });
});
