import type { z } from 'zod';
import type { Refusal } from '../../domain/registry/refusal';
import type { Backend } from '../backend/backend';
import { backendNonsense } from '../backend/failures';
import { refused } from '../http/refused';
import { refusedByBackend } from '../manifests/pull/backend-answer';

/** 100 000 of the longest tags. */
const MAX_LIST_BYTES = 16 * 1024 * 1024;
const MAX_N = 100_000;

/** `n` and `last` of the distribution-spec ("Listing Tags"), as the client sent them and as they make sense. */
export interface PageQuery {
  readonly n: string | null;
  readonly last: string | null;
}

/** @throws Refused 400 for a count that is none, or a name that can't be one */
export function readPageQuery(
  query: URLSearchParams,
  isName: (text: string) => boolean,
): PageQuery {
  const n = query.get('n');
  const last = query.get('last');
  const isCount = n === null || (/^\d{1,6}$/.test(n) && Number(n) <= MAX_N);
  if (isCount && (last === null || last === '' || isName(last))) return { n, last };
  throw refused({
    code: 'UNSUPPORTED',
    status: 400,
    rule: 'page',
    message: 'Not a page of a list',
    remedy: `n is a number up to ${MAX_N}, last the last name of the page before`,
  });
}

function withQuery(path: string, { n, last }: PageQuery): string {
  const query = new URLSearchParams({ ...(n !== null && { n }), ...(last !== null && { last }) });
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

export interface PageRequest {
  readonly path: string;
  readonly query: PageQuery;
  /** Reads the names from the body. */
  readonly schema: z.ZodType<readonly string[]>;
  readonly notFound: Pick<Refusal, 'code' | 'rule' | 'message'>;
  readonly signal: AbortSignal;
}

export interface Page {
  readonly names: readonly string[];
  /** Value of `Link`; null on the last page. */
  readonly link: string | null;
}

/**
 * One page as the registry lists it, with the `Link` to the next one: below our own path, in our own words.
 *
 * @throws Refused
 */
export async function fetchPage(
  backend: Backend,
  { path, query, schema, notFound, signal }: PageRequest,
): Promise<Page> {
  const asked = withQuery(path, query);
  const answer = await backend.fetch({ method: 'GET', path: asked, signal }, MAX_LIST_BYTES);
  if (answer.status !== 200) throw refusedByBackend(answer, notFound);
  const parsed = schema.safeParse(parseJson(answer.body));
  if (!parsed.success) throw backendNonsense(`a list that is none: ${path}`);
  const names = parsed.data;
  const next = readNext(answer.headers['link'] ?? '');
  if (!next) return { names, link: null };
  // A registry with a cursor of its own takes the last name too: the spec says so.
  const last = next.get('last') ?? names.at(-1);
  if (last === undefined) throw backendNonsense(`a Link that names no next page: ${path}`);
  const following = withQuery(path, { n: next.get('n') ?? query.n, last });
  return { names, link: `<${following}>; rel="next"` };
}

/** Query of the next page. Only names and numbers are taken from it, so it does not matter where it leads. */
function readNext(header: string): URLSearchParams | null {
  const [, url = '', relation = ''] = /^\s*<([^>]{1,4096})>\s*;(.*)$/.exec(header) ?? [];
  return /\brel="?next"?/i.test(relation) ? new URLSearchParams(url.split('?')[1] ?? '') : null;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
