import type { RiskFacts } from '../domain/scan/risk';

/** Lists of vulnerabilities that are exploited, or likely to be. Throws ReleaseError SCANNER_UNAVAILABLE when a list that is given can't be read. */
export interface RiskLists {
  /** What they say of these vulnerabilities; ids in capitals. */
  lookUp(ids: readonly string[]): Promise<RiskFacts>;
}
