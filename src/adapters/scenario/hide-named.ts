import { looksSecret } from '../../domain/scenario-secrets';

/** What stands in the place of a secret. */
export const HIDDEN = '***';

const SCHEME = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi;
const JWT = /\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g;
const TAG = /<(?:input|meta)\b[^>]*>?/gi;
const ELEMENT = /<([\w.:-]{1,64})(?:\s[^>]*)?>([^<]+)/g;

/** Hides what a text itself says is secret: `password=…`, `"token": "…"`, `Bearer …`, a JWT, `<secret>…</secret>`. */
export function hideNamed(text: string): string {
  return hideMembers(
    text
      .replaceAll(SCHEME, `$1 ${HIDDEN}`)
      .replaceAll(JWT, HIDDEN)
      .replaceAll(TAG, (tag) => (looksSecret(tag) ? HIDDEN : tag))
      .replaceAll(ELEMENT, (element, name: string, inner: string) =>
        looksSecret(name) ? element.slice(0, element.length - inner.length) + HIDDEN : element,
      ),
  );
}

/** The name and what stands between it and its value: `name=`, `name: `, `"name": `, `\"name\":\`. */
const MEMBER = /([\w.%-]{1,64}(?:\[\w*\])?)\\*["']?\s*([:=])\s*\\*/g;
const QUOTED = /"(?:[^"\\]|\\.)*"?|'[^']*'?/y;
const PARAMETER = /[^\s&;,"'<>]*/y;
const REST_OF_FIELD = /[^&;,"'<>]*/y;

function hideMembers(text: string): string {
  const member = new RegExp(MEMBER);
  let shown = '';
  let from = 0;
  for (let match = member.exec(text); match; match = member.exec(text)) {
    if (!looksSecret(match[1] ?? '')) {
      continue;
    }
    const at = member.lastIndex;
    shown += text.slice(from, at) + HIDDEN;
    // The end of a list or an object is hard to tell in a text that may break off: nothing after it is shown.
    from = /[{[]/.test(text.charAt(at)) ? text.length : endOfValue(text, at, match[2] === '=');
    member.lastIndex = from;
  }
  return shown + text.slice(from);
}

function endOfValue(text: string, at: number, isParameter: boolean): number {
  const quoted = /["']/.test(text.charAt(at));
  const pattern = new RegExp(quoted ? QUOTED : isParameter ? PARAMETER : REST_OF_FIELD);
  pattern.lastIndex = at;
  pattern.exec(text);
  return pattern.lastIndex;
}
