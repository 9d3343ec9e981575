/** Of `exceptions one` and `scan_coverage finding`: what `covers` says (domain/exceptions/covers.ts), among those that were approved. */
const COVERS = `
  one.approved_at IS NOT NULL
  AND (one.kind = 'break-glass' OR finding.needs = 'exception')
  AND (one.svc IS NULL OR one.svc COLLATE "C" = finding.svc)
  AND lower(one.vulnerability_id) = lower(finding.vulnerability_id)
  AND (one.package_version IS NULL OR one.package_version = finding.package_version)
  AND one.package_name = CASE WHEN starts_with(one.package_name, 'pkg:') THEN finding.purl
    ELSE finding.package_name END`;

/** Each finding that passed by an exception, with when the last exception that is for it ends; -infinity where there is none. */
export const COVERED = `
  covered AS (
    SELECT finding.*, coalesce(CASE WHEN last.ends_at IS NULL THEN NULL
      ELSE LEAST(last.ends_at, finding.fix_limit) END, '-infinity') AS ends_at
    FROM scan_coverage finding CROSS JOIN LATERAL (
      SELECT max(LEAST(one.expires_at, one.revoked_at)) AS ends_at FROM exceptions one WHERE ${COVERS}
    ) last
  )`;
