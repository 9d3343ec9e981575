const ADVISORY_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{2,63}$/;

/** `CVE-2026-1234`, `GHSA-…`, as scanners report them; it stands in ids of workflows. */
export function isAdvisoryId(text: string): boolean {
  return ADVISORY_ID.test(text);
}

/** Ids of CVE and GHSA as databases write them, whatever their case: `cve-2026-1234` would be found nowhere, which reads as nothing affected. Others are as they are. */
export function canonicalAdvisoryId(text: string): string {
  if (/^cve-/i.test(text)) return text.toUpperCase();
  if (/^ghsa-/i.test(text)) return `GHSA${text.slice('GHSA'.length).toLowerCase()}`;
  return text;
}
