import { isGlob, matchesGlob } from '../glob';
import { MODES, type GuardrailConfig, type Mode, type RuleId } from './config';

/** Namespaces for which a rule has another mode than its default. */
export interface RankedMode {
  /** A name or a glob. */
  readonly namespaces: string;
  readonly mode: Mode;
}

/** The more of a name is written out, the more it says; a whole name says most. */
function specificity(namespaces: string): number {
  return isGlob(namespaces) ? namespaces.replaceAll('*', '').length : Infinity;
}

/** For one rule, so ordered that the first that fits counts: the most specific, of equals the strictest. */
export function rankedModes({ overrides }: GuardrailConfig, rule: RuleId): readonly RankedMode[] {
  const all = overrides.flatMap(({ namespaces, modes }) => {
    const mode = modes[rule];
    return mode === undefined ? [] : namespaces.map((one) => ({ namespaces: one, mode }));
  });
  return all.sort((a, b) => bySpecificity(a, b) || MODES.indexOf(a.mode) - MODES.indexOf(b.mode));
}

function bySpecificity(a: RankedMode, b: RankedMode): number {
  const [ofA, ofB] = [specificity(a.namespaces), specificity(b.namespaces)];
  return ofA === ofB ? 0 : ofB - ofA;
}

/** By namespace, ranked once. */
export function modesOf(config: GuardrailConfig, rule: RuleId): (namespace: string) => Mode {
  const ranked = rankedModes(config, rule);
  return (namespace) =>
    ranked.find(({ namespaces }) => matchesGlob(namespaces, namespace))?.mode ?? config.modes[rule];
}
