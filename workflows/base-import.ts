import {
  ActivityCancellationType,
  defineQuery,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { Step } from '../activities/base-import';
import {
  BASE_MESSAGES,
  type BaseImportInput,
  type BaseImportReport,
  type BaseImportStep,
} from '../src/contract/base-messages';
import { mirrorOf, sourceName } from '../src/domain/bases/family';
import { attempt } from './steps/attempt';
import { describeImport } from './steps/base-import-details';
import { SEARCH_KEYS } from './steps/search-keys';

/** Many gigabytes over a slow line; what is away for a while ends no import. */
const activities = proxyActivities<Activities>({
  startToCloseTimeout: 3_600_000,
  heartbeatTimeout: 20_000,
  scheduleToCloseTimeout: 7_200_000,
  retry: {
    initialInterval: 1_000,
    backoffCoefficient: 2,
    maximumInterval: 60_000,
    maximumAttempts: 8,
  },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

class BaseImport {
  report: BaseImportReport;
  private readonly input: BaseImportInput;

  constructor(input: BaseImportInput) {
    this.input = input;
    const { name, source } = input.family;
    this.report = {
      ...{ family: name, startedAt: new Date().toISOString(), endedAt: null, step: 'resolve' },
      ...{ outcome: null, source: sourceName(source), version: null, digest: null },
      ...{ verifiedBy: null, mirror: null, reason: null, remedy: null },
    };
  }

  /** Shown by the query, in Temporal Web UI and its search. */
  note(change: Partial<BaseImportReport>): void {
    this.report = { ...this.report, ...change };
    const { digest, outcome } = this.report;
    upsertSearchAttributes([
      { key: SEARCH_KEYS.stage, value: 'base-import' },
      { key: SEARCH_KEYS.digest, value: digest },
      { key: SEARCH_KEYS.verdict, value: outcome },
    ]);
    setCurrentDetails(describeImport(this.report));
  }

  async run(): Promise<void> {
    const { family, allowOlder, requestedBy, scan, transparencyLog } = this.input;
    const at = this.report.startedAt;
    const resolved = await this.step('resolve', () =>
      activities.resolveBase({ family, allowOlder, transparencyLog, at }),
    );
    if (!resolved) return;
    const { digest, version, held } = resolved;
    this.note({ digest, version, ...(held && { outcome: 'unchanged' }) });
    if (held) return;
    const base = { family, digest, requestedBy };
    const verifiedBy = await this.step('verify', () => activities.verifyBase(base));
    if (verifiedBy === null) return;
    this.note({ verifiedBy });
    if ((await this.step('copy', () => activities.copyBase(base))) === null) return;
    const evidence = await this.step('scan', () => activities.scanBase({ ...base, scan }));
    if (evidence === null) return;
    const order = { ...base, resolved, verifiedBy, evidence, transparencyLog, at };
    this.note({ step: 'sign' });
    await activities.signBase(order);
    this.note({ step: 'publish' });
    await activities.publishBase(order);
    this.note({ outcome: 'imported', mirror: `${mirrorOf(family.name)}:${resolved.tag}` });
  }

  /** Null when it was refused, which the report then says. */
  private async step<T>(step: BaseImportStep, work: () => Promise<Step<T>>): Promise<T | null> {
    this.note({ step });
    const result = await work();
    if (result.ok) return result.value;
    const { reason, remedy } = result;
    this.note({ outcome: 'refused', reason, remedy });
    return null;
  }
}

/**
 * Brings what a vendor offers of a family into `bases/{family}`: verified there before anything is copied, scanned, signed by the base
 * custodian, and only then given a tag and put into the catalogue that builds go by. Id `base-import/{family}`, on the release queue, started
 * by a person or a rollup. It takes no message but the query `getBaseImport`, and does not fail: the report says what became of it.
 */
export async function baseImportWorkflow(input: BaseImportInput): Promise<BaseImportReport> {
  const run = new BaseImport(input);
  setHandler(defineQuery<BaseImportReport>(BASE_MESSAGES.getImport), () => run.report);
  const done = await attempt(() => run.run());
  if (done.stopped !== null) run.note({ outcome: 'failed', reason: done.stopped });
  run.note({ endedAt: new Date().toISOString() });
  return run.report;
}
