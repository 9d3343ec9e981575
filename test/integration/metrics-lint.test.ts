import { spawnSync } from 'node:child_process';
import type { Registry } from 'prom-client';
import { createAdmissionMetrics } from '../../src/admission/metrics';
import { STANDARD_METRICS, type LedgerCounts } from '../../src/domain/accounting/standard';
import { createGatewayMetrics } from '../../src/gateway/metrics';
import { createTestApi } from '../support/api-app';
import { layer, pushed } from '../support/contracts/inventory-builders';
import { toolPath } from '../support/tools';

/** Gauges that prom-client itself names so; dashboards for Node.js go by these names, so they stay. */
const WAIVED = /^nodejs_active_(handles|requests|resources)_total non-counter metrics/;

/** What the linter of Prometheus dislikes, a line each. */
function lint(text: string): readonly string[] {
  const { status, stderr, error } = spawnSync(toolPath('promtool'), ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  if (error) throw error;
  // 3: it could be read, and the linter has something to say.
  expect([0, 3]).toContain(status);
  return stderr.split('\n').filter((line) => line !== '' && !WAIVED.test(line));
}

const EVERYTHING: LedgerCounts = {
  sbom: { have: 1, of: 1 },
  signed: { have: 1, of: 2 },
  cveBlocks: { pull: 1, admission: 0, release: 2, rescan: 0 },
  promotion: { count: 1, p95Ms: 60_000 },
  rollback: { count: 1, p95Ms: 2_000 },
  deletedBytes: 10,
  reclaimedBytes: 9,
};

describe('promtool', () => {
  it('likes what the API exposes, the names of the standard as they are', async () => {
    const api = await createTestApi({
      ledgerFigures: { count: () => Promise.resolve(EVERYTHING) },
    });
    await pushed(api.inventory, { edges: [layer('base', 500)] });
    for (const day of ['2026-01-30', '2026-03-01']) {
      await api.storageSamples.take({ day, at: `${day}T06:00:00.000Z`, places: [] });
    }

    const { body } = await api.app.inject('/metrics');
    await api.app.close();

    expect(lint(body)).toEqual([]);
    for (const name of [...STANDARD_METRICS, 'plura_storage_month_change_ratio']) {
      expect(body).toMatch(
        new RegExp(`^# HELP ${name} .+\n# TYPE ${name} gauge\n${name}[ {]`, 'm'),
      );
    }
  });

  it.each([
    ['gateway', (): Registry => createGatewayMetrics().registry],
    ['webhook', (): Registry => createAdmissionMetrics().registry],
  ])('likes what the %s exposes', async (_name, create) => {
    expect(lint(await create().metrics())).toEqual([]);
  });

  it('dislikes what is not well named', () => {
    expect(lint('# TYPE bad_total gauge\nbad_total 1\n')).not.toEqual([]);
  });
});
