/** Of `exceptions one` and `scan_coverage finding`: what `covers` says (domain/exceptions/covers.ts), among those that were approved. */
const COVERS = `
  one.approved_at IS NOT NULL
  AND (one.kind = 'break-glass' OR finding.needs = 'exception')
  AND (one.svc IS NULL OR one.svc COLLATE "C" = finding.svc)
  AND lower(one.vulnerability_id) = lower(finding.vulnerability_id)
  AND (one.package_version IS NULL OR one.package_version = finding.package_version)
  AND one.package_name = CASE WHEN starts_with(one.package_name, 'pkg:') THEN finding.purl
    ELSE finding.package_name END`;

/** Of `finding`, once for each digest, not for each of its findings: what the collector took away for good, and nobody pushed again, is nobody's to pull or to judge. */
export const IS_THERE = `(
  NOT EXISTS (
    SELECT 1 FROM gc_tombstones gone WHERE gone.digest = finding.digest AND gone.state = 'reclaimed')
  OR EXISTS (SELECT 1 FROM manifests here WHERE here.digest = finding.digest))`;

/**
 * Each finding that passed by an exception, with when the last exception that is for it ends; -infinity where there is none. Ten
 * thousand digests of a service have the same few findings, so exceptions are looked for once for each of those.
 */
export const COVERED = `
  kinds AS MATERIALIZED (
    SELECT DISTINCT svc, vulnerability_id, package_name, package_version, coalesce(purl, '') AS purl, needs
    FROM scan_coverage
  ),
  ends AS MATERIALIZED (
    SELECT finding.*, last.ends_at FROM kinds finding CROSS JOIN LATERAL (
      SELECT max(LEAST(one.expires_at, one.revoked_at)) AS ends_at FROM exceptions one WHERE ${COVERS}
    ) last
  ),
  covered AS (
    SELECT finding.*, coalesce(CASE WHEN ends.ends_at IS NULL THEN NULL
      ELSE LEAST(ends.ends_at, finding.fix_limit) END, '-infinity') AS ends_at
    FROM scan_coverage finding LEFT JOIN ends
      ON ends.svc = finding.svc AND ends.vulnerability_id = finding.vulnerability_id
      AND ends.package_name = finding.package_name AND ends.package_version = finding.package_version
      AND ends.purl = coalesce(finding.purl, '') AND ends.needs = finding.needs
  )`;
