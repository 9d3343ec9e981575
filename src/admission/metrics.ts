import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface AdmissionMetrics {
  readonly registry: Registry;
  /** `verdict`: admitted, denied, unknown (denied, as it could not be found out), break-glass, refused (no review). */
  readonly reviews: Counter<'webhook' | 'verdict'>;
  readonly reviewSeconds: Histogram<'webhook'>;
  readonly cache: Counter<'cache' | 'outcome'>;
  readonly denials: Counter<'rule'>;
  readonly breakGlass: Counter<'outcome'>;
  readonly inProgress: Gauge;
  readonly stateAge: Gauge;
  readonly certificateExpiry: Gauge;
  readonly breakGlassOff: Gauge;
}

type Counters = Pick<AdmissionMetrics, 'reviews' | 'cache' | 'denials' | 'breakGlass'>;

function createCounters(registers: Registry[]): Counters {
  return {
    reviews: new Counter({
      name: 'plura_admission_reviews_total',
      help: 'Reviews answered: admitted, denied, unknown (denied, could not be found out), break-glass, refused (malformed, overload)',
      labelNames: ['webhook', 'verdict'],
      registers,
    }),
    cache: new Counter({
      name: 'plura_admission_cache_total',
      help: 'Answers looked for in the caches of allow-list and verification: hit or miss',
      labelNames: ['cache', 'outcome'],
      registers,
    }),
    denials: new Counter({
      name: 'plura_admission_denials_total',
      help: 'Reasons of denials, by rule (docs/admission.md, docs/guardrails.md)',
      labelNames: ['rule'],
      registers,
    }),
    breakGlass: new Counter({
      name: 'plura_admission_break_glass_total',
      help: 'Requests to let in what could not be checked: granted, or refused',
      labelNames: ['outcome'],
      registers,
    }),
  };
}

/** One registry a webhook, so that two in a process (tests) do not share numbers. */
export function createAdmissionMetrics(): AdmissionMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    ...createCounters(registers),
    reviewSeconds: new Histogram({
      name: 'plura_admission_review_seconds',
      help: 'From the headers of a review to its answer',
      labelNames: ['webhook'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8],
      registers,
    }),
    inProgress: new Gauge({
      name: 'plura_admission_reviews_in_progress',
      help: 'Reviews that are read or judged now',
      registers,
    }),
    stateAge: new Gauge({
      name: 'plura_admission_state_age_seconds',
      help: 'Since Postgres last said what is quarantined and which revision the allow-list has',
      registers,
    }),
    certificateExpiry: new Gauge({
      name: 'plura_admission_certificate_expiry_seconds',
      help: 'End of the serving certificate, seconds since 1970',
      registers,
    }),
    breakGlassOff: new Gauge({
      name: 'plura_admission_break_glass_off',
      help: '1: nothing is let in by break-glass until the next start, since the audit file can not be used',
      registers,
    }),
  };
}
