/**
 * For `WITH RECURSIVE`: tables `above` and `below` with the digest `$1`, the indexes that hold it and the manifests that it
 * holds, each at any depth and in any repository.
 */
export const ABOVE_AND_BELOW = `
  above (digest) AS (
    SELECT $1::digest
    UNION
    SELECT edge.parent FROM above JOIN manifest_edges edge ON edge.child = above.digest
    WHERE edge.kind = 'child'
  ),
  below (digest) AS (
    SELECT $1::digest
    UNION
    SELECT edge.child FROM below JOIN manifest_edges edge ON edge.parent = below.digest
    WHERE edge.kind = 'child'
  )`;

/**
 * Likewise for each digest of a table `held`: table `reached` with the digest and its `cause`, the one that is held. What is
 * above counts where `$1`, what is below where `$2`.
 */
export const REACHED = `
  above (cause, digest) AS (
    SELECT digest, digest FROM held
    UNION
    SELECT above.cause, edge.parent FROM above JOIN manifest_edges edge ON edge.child = above.digest
    WHERE edge.kind = 'child' AND $1::boolean
  ),
  below (cause, digest) AS (
    SELECT digest, digest FROM held
    UNION
    SELECT below.cause, edge.child FROM below JOIN manifest_edges edge ON edge.parent = below.digest
    WHERE edge.kind = 'child' AND $2::boolean
  ),
  reached AS (SELECT * FROM above UNION SELECT * FROM below)`;
