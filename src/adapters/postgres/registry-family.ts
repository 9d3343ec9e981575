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
