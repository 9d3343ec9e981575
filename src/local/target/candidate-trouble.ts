import type { FleetMember } from './fleet';

/** A few, so that what a person reads first is not cut off. */
const LINES = 3;

/** Why a candidate's container is not to be trusted, one sentence; null = it has run since it was started. */
export function troubleOf(where: string, member: FleetMember | undefined): string | null {
  if (!member) {
    return `the candidate's container of ${where} does not run`;
  }
  const { ends, lastWords, status } = member;
  if (ends === 0 && status !== 'failed') {
    return null;
  }
  const times = ends === 1 ? 'once' : `${ends} times`;
  const given = status === 'failed' ? ' and is not started any more' : '';
  const lines = lastWords.slice(-LINES).join(' | ');
  const said = lines === '' ? 'it wrote nothing' : `its last lines: ${lines}`;
  return `the candidate's container of ${where} ended by itself ${times}${given}; ${said}`;
}
