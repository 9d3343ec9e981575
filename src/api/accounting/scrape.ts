import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import { BREAKDOWNS, type GroupFigures, type StorageSample } from '../../domain/accounting/figures';
import { growthOf } from '../../domain/accounting/growth';
import { METRIC_WINDOW_MS } from '../../domain/accounting/policy';
import { readStandard, type LedgerCounts } from '../../domain/accounting/standard';
import type { ApiDependencies } from '../dependencies';
import { createStandardGauges } from './gauges';

type ScrapeDependencies = Pick<ApiDependencies, 'storageSamples' | 'ledgerFigures' | 'now'>;

export interface StandardScrape {
  /** Before a scrape is answered. Never throws, and never holds it up for long: what can't be read in time is not shown. */
  refresh(log: Pick<FastifyBaseLogger, 'warn'>): Promise<void>;
}

/** Scrapes come every few seconds, of several Prometheus; the figures change by the hour, events by the minute. */
const FRESH_MS = 15_000;
/** A large ledger is counted for longer than a scrape waits: until then the last figures are shown. */
const SHOWN_MS = 60_000;
/** Shorter than any scrape waits. */
const WAIT_MS = 2_000;
const DAY_MS = 86_400_000;
const HISTORY_DAYS = 35;
/** Series of one breakdown: the largest. */
const MAX_GROUPS = 500;

interface Stored {
  readonly sample: StorageSample | null;
  readonly groups: readonly GroupFigures[];
  readonly monthChange: number | null;
}

async function readStored({ storageSamples, now }: ScrapeDependencies): Promise<Stored> {
  const sample = await storageSamples.newest();
  if (!sample) return { sample, groups: [], monthChange: null };
  const from = new Date(now().getTime() - HISTORY_DAYS * DAY_MS).toISOString().slice(0, 10);
  const [days, ...groups] = await Promise.all([
    storageSamples.days(from),
    ...BREAKDOWNS.map((by) => storageSamples.groups(sample.day, { by, limit: MAX_GROUPS })),
  ]);
  return { sample, groups: groups.flat(), monthChange: growthOf(days).month?.ratio ?? null };
}

async function readLedger({ ledgerFigures, now }: ScrapeDependencies): Promise<LedgerCounts> {
  const since = new Date(now().getTime() - METRIC_WINDOW_MS).toISOString();
  return ledgerFigures.count({ since });
}

/** Asked for again when it is no longer fresh, once for all that wait; null when that failed, or takes too long and nothing young is held. */
function createSource<T>(read: () => Promise<T>, now: () => Date) {
  let held: { readonly value: T; readonly atMs: number } | null = null;
  let asking: Promise<void> | null = null;

  async function ask(): Promise<void> {
    const atMs = now().getTime();
    try {
      held = { value: await read(), atMs };
    } catch (error) {
      held = null;
      throw error;
    }
  }

  const isYounger = (ms: number): boolean => held !== null && now().getTime() - held.atMs < ms;

  return async (onFailure: (error: unknown) => void): Promise<T | null> => {
    if (!isYounger(FRESH_MS)) {
      asking ??= ask().finally(() => {
        asking = null;
      });
      // Heard here too: a scrape that has stopped waiting does not hear it.
      await withinMs(asking.catch(onFailure), WAIT_MS);
    }
    return isYounger(SHOWN_MS) && held ? held.value : null;
  };
}

async function withinMs(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/** The standard's metrics on the scrape of the API. */
export function createStandardScrape(registry: Registry, deps: ScrapeDependencies): StandardScrape {
  const gauges = createStandardGauges(registry);
  const storedSource = createSource(() => readStored(deps), deps.now);
  const ledgerSource = createSource(() => readLedger(deps), deps.now);
  return {
    refresh: async (log) => {
      const onFailure = (err: unknown): void => {
        log.warn({ err }, 'metrics could not be read');
      };
      const [stored, ledger] = await Promise.all([
        storedSource(onFailure),
        ledgerSource(onFailure),
      ]);
      gauges.show({
        sample: stored?.sample ?? null,
        groups: stored?.groups ?? [],
        monthChange: stored?.monthChange ?? null,
        metrics: readStandard(stored?.sample?.totals ?? null, ledger),
        up: { ledger: ledger !== null, storage: stored !== null },
        nowMs: deps.now().getTime(),
      });
    },
  };
}
