import type { IncomingMessage } from 'node:http';
import { isDigest, type Digest } from '../../../domain/digest';
import { UNCHANGED_SINCE } from '../../../contract/delete-conditions';
import { refused } from '../../http/refused';

/** What must still be true when the delete is done, judged under the locks of what it removes. */
export interface DeleteConditions {
  /** RFC 3339: nothing may have been pushed, pulled or attached since then, and no tag may be left. Null: not asked for. */
  readonly unchangedSince: string | null;
  /** What the tag must point at. */
  readonly tagAt: Digest | null;
}

function malformed(header: string, remedy: string): Error {
  return refused({
    code: 'UNSUPPORTED',
    status: 400,
    rule: 'delete-condition',
    message: `The header ${header} can not be read`,
    remedy,
  });
}

function unchangedSince(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  const ms = typeof header === 'string' ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(ms)) throw malformed(UNCHANGED_SINCE, 'one time in RFC 3339');
  return new Date(ms).toISOString();
}

/** RFC 9110, 13.1.1: the entity tag of a manifest is its digest. */
function tagAt(header: string | undefined): Digest | null {
  if (header === undefined) return null;
  const digest = header.replace(/^"(.*)"$/, '$1');
  if (!isDigest(digest)) throw malformed('If-Match', 'one digest in double quotes');
  return digest;
}

/** Of a tag "unchanged" says nothing without what it points at. @throws Refused 400 */
export function assertNamesDigest({ unchangedSince, tagAt }: DeleteConditions): void {
  if (unchangedSince === null || tagAt !== null) return;
  throw malformed('If-Match', `the digest that the tag points at, beside ${UNCHANGED_SINCE}`);
}

/** @throws Refused 400: a condition that can't be read is not one that holds. */
export function conditionsOf({ headers }: Pick<IncomingMessage, 'headers'>): DeleteConditions {
  return {
    unchangedSince: unchangedSince(headers[UNCHANGED_SINCE]),
    tagAt: tagAt(headers['if-match']),
  };
}
