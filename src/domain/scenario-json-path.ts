import type { Json } from './verdict';

const MAX_SEGMENTS = 32;
const JSONPATH_SEGMENT = /\.([A-Za-z_][\w-]*)|\[(\d{1,6})\]|\['([^']*)'\]|\["([^"]*)"\]/y;

/**
 * The segments of an RFC 6901 pointer (`/items/0/sku`; empty is the whole document) or of the subset of JSONPath that
 * names one value (`$.items[0]['sku']`). Null when it is neither.
 */
export function parseJsonPath(text: string): readonly string[] | null {
  const segments = text.startsWith('$') ? parseDotted(text) : parsePointer(text);
  return segments !== null && segments.length <= MAX_SEGMENTS ? segments : null;
}

function parsePointer(text: string): readonly string[] | null {
  if (text === '') {
    return [];
  }
  if (!text.startsWith('/') || /~(?![01])/.test(text)) {
    return null;
  }
  return text
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function parseDotted(text: string): readonly string[] | null {
  const segments: string[] = [];
  const pattern = new RegExp(JSONPATH_SEGMENT);
  for (let at = 1; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) {
      return null;
    }
    segments.push(match.slice(1).find((part: string | undefined) => part !== undefined) ?? '');
  }
  return segments;
}

/** Undefined when nothing is there. */
export function readJsonPath(document: Json, segments: readonly string[]): Json | undefined {
  let at: Json | undefined = document;
  for (const segment of segments) {
    at = at === undefined ? undefined : childOf(at, segment);
  }
  return at;
}

function childOf(parent: Json, segment: string): Json | undefined {
  if (isList(parent)) {
    return /^(?:0|[1-9]\d*)$/.test(segment) ? parent[Number(segment)] : undefined;
  }
  return isObject(parent) && Object.hasOwn(parent, segment) ? parent[segment] : undefined;
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
