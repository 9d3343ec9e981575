import type { AffectedPlace, CaseLook } from './case';

/** A look at where something affected is, as far as could be found out. */
export type AffectedLook = Pick<CaseLook, 'affected' | 'more' | 'unknown' | 'unmatched'>;

export type CloseJudgement =
  | { readonly clear: true }
  | {
      readonly clear: false;
      /** A sentence. */
      readonly why: string;
    };

function describePlace({ svc, where }: AffectedPlace): string {
  return `${svc} ${where}`;
}

/** Whether nothing affected is left. What could not be asked or told may be affected, so it keeps the case open. */
export function judgeClose({ affected, more, unknown, unmatched }: AffectedLook): CloseJudgement {
  const [place] = affected;
  const left = affected.length + more;
  if (place) {
    const others = left > 1 ? ` and ${left - 1} more places` : '';
    return { clear: false, why: `${describePlace(place)}${others} still have it.` };
  }
  if (more > 0) return { clear: false, why: `${more} places still have it.` };
  const [first] = unknown;
  if (first !== undefined) return { clear: false, why: `Not known: ${first}.` };
  const [untold] = unmatched ?? [];
  if (untold !== undefined) {
    return { clear: false, why: `Not matched with the advisories yet: ${untold}.` };
  }
  return { clear: true };
}

/** Services that have something affected in prod: what a rollup replaces. */
export function servicesInProd({ affected }: Pick<AffectedLook, 'affected'>): readonly string[] {
  return [...new Set(affected.filter(({ prod }) => prod).map(({ svc }) => svc))].sort();
}
