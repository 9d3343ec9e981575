import { Gauge, type Registry } from 'prom-client';
import { BREAKDOWNS, type GroupFigures, type StorageSample } from '../../domain/accounting/figures';
import { STANDARD, STANDARD_METRICS, type StandardMetric } from '../../domain/accounting/standard';

/** What a scrape shows; null: it could not be read. */
export interface Reading {
  readonly metrics: readonly StandardMetric[];
  readonly sample: StorageSample | null;
  readonly groups: readonly GroupFigures[];
  /** Change of the stored bytes over a month; null: not known. */
  readonly monthChange: number | null;
  readonly up: { readonly ledger: boolean; readonly storage: boolean };
  readonly nowMs: number;
}

export interface StandardGauges {
  show(reading: Reading): void;
}

const BYTES = ['logical', 'unique', 'shared', 'reclaimable'] as const;
const BYTES_HELP = {
  logical: 'Sum over manifests of what they name, as if nothing were shared, in bytes',
  unique: 'Contents that this group alone holds, in bytes',
  shared: 'Contents that another group of the same breakdown holds too, in bytes',
  reclaimable: 'What the newest plan of the whole registry would still free, in bytes',
} as const;

/** A gauge shows nothing of what is not known: with no label prom-client would show a 0. */
function clear(gauge: Gauge, hasLabels: boolean): void {
  if (hasLabels) gauge.reset();
  else gauge.remove();
}

function standardGauge(name: (typeof STANDARD_METRICS)[number], registers: Registry[]): Gauge {
  const { help, label } = STANDARD[name];
  return new Gauge({ name, help, labelNames: label === undefined ? [] : [label], registers });
}

function createStandard(registers: Registry[]): Pick<StandardGauges, 'show'> {
  const gauges = STANDARD_METRICS.map((name) => ({ name, gauge: standardGauge(name, registers) }));
  return {
    show: ({ metrics }) => {
      for (const { name, gauge } of gauges) {
        const { label } = STANDARD[name];
        clear(gauge, label !== undefined);
        const samples = metrics.find((one) => one.name === name)?.samples ?? [];
        for (const { label: value, value: number } of samples) {
          if (label === undefined) gauge.set(number);
          else gauge.set({ [label]: value ?? '' }, number);
        }
      }
    },
  };
}

function createGroups(registers: Registry[]): Pick<StandardGauges, 'show'> {
  const gauges = BYTES.map((kind) => ({
    kind,
    gauge: new Gauge({
      name: `plura_storage_${kind}_bytes`,
      help: `${BYTES_HELP[kind]}; by ${BREAKDOWNS.join(', ')}`,
      labelNames: ['by', 'name'] as const,
      registers,
    }),
  }));
  return {
    show: ({ groups }) => {
      for (const { kind, gauge } of gauges) {
        gauge.reset();
        for (const group of groups) {
          const bytes = group[`${kind}Bytes`];
          if (bytes !== null) gauge.set({ by: group.by, name: group.name }, bytes);
        }
      }
    },
  };
}

/** The standard's metrics and the accounting, of one registry of an app. */
export function createStandardGauges(registry: Registry): StandardGauges {
  const registers = [registry];
  const parts = [createStandard(registers), createGroups(registers)];
  const age = new Gauge({
    name: 'plura_storage_sample_age_seconds',
    help: 'Since what is stored was last counted',
    registers,
  });
  const monthChange = new Gauge({
    name: 'plura_storage_month_change_ratio',
    help: 'Change of the stored bytes over 30 days, of what they were; the standard wants -0.2 or less',
    registers,
  });
  const up = new Gauge({
    name: 'plura_metrics_source_up',
    help: 'Whether the source of metrics could be read: ledger, storage (samples)',
    labelNames: ['source'],
    registers,
  });
  return {
    show: (reading) => {
      for (const part of parts) part.show(reading);
      clear(age, false);
      if (reading.sample) age.set((reading.nowMs - Date.parse(reading.sample.at)) / 1000);
      clear(monthChange, false);
      if (reading.monthChange !== null) monthChange.set(reading.monthChange);
      up.set({ source: 'ledger' }, Number(reading.up.ledger));
      up.set({ source: 'storage' }, Number(reading.up.storage));
    },
  };
}
