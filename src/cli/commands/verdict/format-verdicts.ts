import type { VerdictList, VerdictRecord } from '../../../contract/schema/api-verdict';
import { readEvidence } from '../../../contract/schema/window-evidence';
import type { VerdictOutcome } from '../../../domain/verdict';
import { displayRelease, shortenDigest, type Paint } from '../../output/style';
import { formatTable } from '../../output/table';
import { formatNumbers, formatWindow, type Look } from './format-window';
import { plain } from './plain-text';

const MAX_FACTS = 6;
const MAX_FACT_CHARS = 40;

/** A table of all verdicts, then each window with its numbers and its chart. */
export function formatVerdicts(list: VerdictList, look: Look, paint: Paint): string {
  const image = `${list.repository}@${list.digest ?? 'not built yet'}`;
  const head = `${paint.bold(displayRelease(list.releaseId))}  ${list.outcome ?? list.stage}  ${image}`;
  if (list.verdicts.length === 0) return `${head}\nNo verdicts are recorded.\n`;
  const rows = list.verdicts.map((one) => [
    one.gate,
    subjectOf(one),
    colorOf(one.outcome, paint)(one.outcome),
    String(one.judged),
    one.at,
    plain(one.reasons.length > 0 ? one.reasons.join('; ') : summarize(one.evidence)),
  ]);
  const table = formatTable(['gate', 'subject', 'outcome', 'judged', 'at', 'why'], rows);
  const windows = list.verdicts.flatMap((one) => describeWindow(one, look, paint));
  return `${[head, '', table.trimEnd(), ...windows].join('\n')}\n`;
}

function subjectOf({ subject }: VerdictRecord): string {
  return plain(subject.startsWith('sha256:') ? shortenDigest(subject) : subject);
}

function describeWindow(one: VerdictRecord, look: Look, paint: Paint): readonly string[] {
  const read = readEvidence(one.evidence);
  const head = paint.bold(`${one.gate} ${subjectOf(one)}`);
  if (read.kind === 'window') return ['', head, ...formatWindow(read.evidence, look)];
  return read.kind === 'unreadable' ? ['', head, `  its evidence can't be read: ${read.why}`] : [];
}

/** What evidence of any shape says in few words; lists and objects are for `--json`. */
function summarize(evidence: unknown): string {
  const read = readEvidence(evidence);
  if (read.kind === 'measurement') return formatNumbers({ ...read.sample }).join(', ');
  if (read.kind === 'window') {
    return formatNumbers({ ...read.evidence.input.candidate.measurement }).join(', ');
  }
  if (typeof evidence !== 'object' || evidence === null || Array.isArray(evidence)) return '';
  const facts = Object.entries(evidence as Readonly<Record<string, unknown>>).filter(
    (fact): fact is [string, string | number] =>
      typeof fact[1] === 'number' || (typeof fact[1] === 'string' && fact[1] !== ''),
  );
  return facts
    .slice(0, MAX_FACTS)
    .map(([name, value]) => `${name} ${shorten(value)}`)
    .join(', ');
}

function shorten(value: string | number): string {
  const text = String(value);
  if (text.startsWith('sha256:')) return shortenDigest(text);
  return text.length <= MAX_FACT_CHARS ? text : `${text.slice(0, MAX_FACT_CHARS)}...`;
}

function colorOf(outcome: VerdictOutcome, paint: Paint): (text: string) => string {
  if (outcome === 'pass') return paint.green;
  return outcome === 'fail' ? paint.red : paint.yellow;
}
