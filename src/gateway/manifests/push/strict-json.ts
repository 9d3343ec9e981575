import { visit } from 'jsonc-parser';

const MAX_DEPTH = 32;
/** Twice what the longest index of referrers has; reading as many takes 0.1 s. */
const MAX_VALUES = 50_000;

interface StrictJsonOptions {
  /** Fields of the format: spelt in another case, Go would read them, and we not. */
  readonly fields?: ReadonlySet<string>;
  /** Objects under these names are maps: their keys are data, `A` and `a` are two. */
  readonly maps: ReadonlySet<string>;
}

export type StrictJson =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly rule: 'manifest-json' | 'ambiguous-key';
      readonly message: string;
    };

interface Frame {
  readonly isArray: boolean;
  readonly isMap: boolean;
  /** Reached from the root through fields of the format alone. */
  readonly isKnown: boolean;
  readonly keys: Set<string>;
  lastKey: string;
}

/** As Go's encoding/json compares the keys of a struct: long s and the Kelvin sign included. */
function fold(key: string): string {
  return key.toUpperCase().toLowerCase();
}

/** Without recursion or memory, so that a body made to be slow costs no more than a look at it. */
function excessOf(text: string): string | null {
  let depth = 0;
  let values = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') {
      inString = true;
    } else if (char === ',') {
      values += 1;
      if (values > MAX_VALUES) return `made of more than ${MAX_VALUES} values`;
    } else if (char === '{' || char === '[') {
      depth += 1;
      if (depth > MAX_DEPTH) return `nested deeper than ${MAX_DEPTH}`;
    } else if (char === '}' || char === ']') {
      depth -= 1;
    }
  }
  return null;
}

function findAmbiguousKey(text: string, { fields, maps }: StrictJsonOptions): string | null {
  const folded = new Map([...(fields ?? [])].map((field) => [fold(field), field]));
  const frames: Frame[] = [];
  let found: string | null = null;

  function open(isArray: boolean): void {
    const parent = frames.at(-1);
    const key = parent?.lastKey ?? '';
    frames.push({
      isArray,
      isMap: !isArray && parent !== undefined && !parent.isArray && maps.has(key),
      isKnown:
        parent === undefined || (parent.isKnown && (parent.isArray || (fields?.has(key) ?? false))),
      keys: new Set(),
      lastKey: '',
    });
  }

  function check(key: string): void {
    const frame = frames.at(-1);
    if (!frame) return;
    const name = frame.isMap ? key : fold(key);
    const field = frame.isKnown && !frame.isMap ? folded.get(name) : undefined;
    if (frame.keys.has(name) || (field !== undefined && field !== key)) found ??= key;
    frame.keys.add(name);
    frame.lastKey = key;
  }

  visit(
    text,
    {
      onObjectBegin: () => {
        open(false);
      },
      onArrayBegin: () => {
        open(true);
      },
      onObjectEnd: () => {
        frames.pop();
      },
      onArrayEnd: () => {
        frames.pop();
      },
      onObjectProperty: check,
    },
    { disallowComments: true },
  );
  return found;
}

/**
 * JSON that every reader understands in one way: UTF-8, no key twice (CVE-2021-41190 and its kin live on readers that
 * disagree), not deeper than 32, of 50 000 values at most.
 */
export function parseStrictJson(bytes: Buffer, options: StrictJsonOptions): StrictJson {
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { ok: false, rule: 'manifest-json', message: 'not UTF-8' };
  }
  const excess = excessOf(text);
  if (excess !== null) return { ok: false, rule: 'manifest-json', message: excess };
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, rule: 'manifest-json', message: 'not JSON' };
  }
  const key = findAmbiguousKey(text, options);
  return key === null
    ? { ok: true, value }
    : {
        ok: false,
        rule: 'ambiguous-key',
        message: `the key ${JSON.stringify(key.slice(0, 60))} is there twice, or spelt in another case`,
      };
}
