import { splitTurnaround } from '../../src/domain/turnaround';
import { withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { settleService } from '../support/settled-service';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

describe('the turnaround of a release', () => {
  const server = useDevServer();

  it('counts as retry what an activity that failed twice has lost', async () => {
    const service = await settleService(server, 'retried');
    const { ledger, scanner } = service.deps;
    scanner.fail('SCANNER_UNAVAILABLE', 2, 'scanSbom');
    const requestedAt = new Date().toISOString();
    const request = service.request('2.0.0', { policy: withoutWindows(), requestedAt });

    const { outcome } = await server.caller.run(request);
    const retries = await eventually(async () => {
      const listed = await ledger.listRetries([request.releaseId]);
      expect(listed.map(({ attempt }) => attempt)).toEqual([3]);
      return listed;
    });

    const { totalMs, parts } = splitTurnaround(await service.status('2.0.0'), retries)!;
    expect(outcome).toBe('released');
    // Two pauses, of 250 and 500 ms; the rest of the scan is a few.
    expect(parts.retry).toBeGreaterThan(600);
    expect(parts.scan).toBeLessThan(parts.retry);
    expect(Object.values(parts).reduce((sum, ms) => sum + ms, 0)).toBe(totalMs);
  });
});
