-- Whether a manifest of a repository names a blob: asked for each upload that a pusher is told of, and for thousands at once before disk
-- is taken back. Without it each answer reads all edges (a soak of 20,000 pushes ended in the statement's time limit).
CREATE INDEX manifest_edges_blobs ON manifest_edges (repository, child) WHERE kind <> 'child';
