import { ReleaseError } from '../../../contract/errors';
import { BaseImportView, type BaseImportReportView } from '../../../contract/schema/api-base';
import type { CliContext } from '../../context';
import type { HttpClient } from '../../http-client';
import { BASES } from './path';

const POLL_MS = 1_000;
/** Temporal needs a moment until what was started can be seen. */
const MAX_ABSENT_MS = 30_000;

/** Follows the import of a family to its end, telling each step once. Throws when nothing is known of it, or on Ctrl-C. */
export async function waitForImport(
  context: CliContext,
  http: HttpClient,
  family: string,
): Promise<BaseImportReportView> {
  const began = context.now();
  let told = '';
  for (;;) {
    const path = `${BASES}/imports/${encodeURIComponent(family)}`;
    const { import: state } = await http.get(path, BaseImportView);
    const report = state?.report ?? null;
    if (report && report.step !== told) {
      context.stderr.write(`… ${report.step}\n`);
      told = report.step;
    }
    if (state && !state.running && report && report.outcome !== null) return report;
    const isGone = !state || (!state.running && !report);
    if (isGone && context.now() - began > MAX_ABSENT_MS) {
      throw new ReleaseError(
        'ORCHESTRATOR_UNAVAILABLE',
        `Nothing is known of the import of ${family}`,
        {
          details: { remedy: 'check that the release worker runs; it may have been stopped' },
        },
      );
    }
    await context.sleep(POLL_MS, context.signal);
  }
}
