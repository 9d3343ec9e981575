import type { RollupItem } from '../rollup';
import { servicesInProd, type AffectedLook } from './case-close';

interface TodoInput {
  readonly look: Pick<AffectedLook, 'affected'>;
  /** Of the rollups that were ordered. */
  readonly troubled: readonly RollupItem[];
  /** Services that a rollup was ordered for. */
  readonly ordered: readonly string[];
}

const MAX_TODO = 20;

const REMEDY: Partial<Record<RollupItem['state'], string>> = {
  failed: 'its rebuild failed',
  held: 'its rebuild is held',
  'opted-out': 'it takes no part in rollups',
  'not-rebuildable': 'it can not be rebuilt from what is recorded',
  unchanged: 'its rebuild has the same content, so no newer base has the fix',
};

function rebuildOf({ svc, state, reason }: RollupItem): string {
  const why = reason === '' ? '' : ` (${reason})`;
  return `${svc}: ${REMEDY[state] ?? state}${why}. Release a version of it without the vulnerability.`;
}

/** What only a person can do about what is still affected, a sentence each; the first 20. */
export function todoOf({ look, troubled, ordered }: TodoInput): readonly string[] {
  const inProd = servicesInProd(look);
  const rebuilds = troubled.filter(({ svc }) => inProd.includes(svc)).map(rebuildOf);
  const unordered = inProd
    .filter((svc) => !ordered.includes(svc))
    .map((svc) => `${svc}: rebuild it, plura reg rollup run --only ${svc}.`);
  const elsewhere = look.affected
    .filter(({ prod }) => !prod)
    .map(({ svc, where }) => `${svc} ${where}: release a version without it there.`);
  const all = [...new Set([...rebuilds, ...unordered, ...elsewhere])];
  const more = all.length - MAX_TODO;
  return more > 0 ? [...all.slice(0, MAX_TODO - 1), `And ${more + 1} more.`] : all;
}
