#!/usr/bin/env bash
# The external work of one release, done by the stock CLIs one after the other: what a careful team
# would write by hand. The peer of `npm run bench promotion`; it prints one `name milliseconds` a step.
# Environment: REGISTRY SERVICE VERSION REVISION SOURCE BUILDKIT_HOST BASE_GO BASE_STATIC KEY TRIVY_CACHE_DIR
# SIGNING_CONFIG WORK ROUTER_URL; buildctl, trivy, cosign, crane, curl and python-free shell on PATH.
set -euo pipefail

repository="$REGISTRY/apps/$SERVICE/$SERVICE"
started=$(date +%s%N)
step() {
  local now
  now=$(date +%s%N)
  printf '%s %d\n' "$1" $(((now - started) / 1000000))
  started=$now
}

trivy_flags=(--cache-dir "$TRIVY_CACHE_DIR" --offline-scan --skip-version-check --disable-telemetry --quiet)
cosign_flags=(--key "$KEY" --signing-config "$SIGNING_CONFIG" --allow-http-registry --yes)

buildctl build --frontend dockerfile.v0 \
  --local "context=$SOURCE" --local "dockerfile=$SOURCE" \
  --opt attest:provenance=mode=max,version=v1 \
  --opt "context:bases/go=docker-image://$BASE_GO" \
  --opt "context:bases/static=docker-image://$BASE_STATIC" \
  --opt "label:org.opencontainers.image.version=$VERSION" \
  --opt "label:org.opencontainers.image.revision=$REVISION" \
  --opt "label:org.opencontainers.image.created=$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
  --output "type=image,name=$repository,push=true,push-by-digest=true,oci-mediatypes=true,registry.insecure=true" \
  --metadata-file "$WORK/build.json" --progress quiet >/dev/null 2>"$WORK/build.log"
digest=$(grep -o '"containerimage.digest": *"[^"]*"' "$WORK/build.json" | grep -o 'sha256:[0-9a-f]*')
image="$repository@$digest"
step build

trivy image "${trivy_flags[@]}" --image-src remote --insecure --format cyclonedx --output "$WORK/sbom.json" "$image"
step sbom

trivy sbom "${trivy_flags[@]}" --skip-db-update --skip-java-db-update --severity CRITICAL,HIGH --exit-code 1 \
  --format json --output "$WORK/scan.json" "$WORK/sbom.json"
step scan

child=$(crane manifest --insecure "$image" | tr -d '\n ' | grep -o '"digest":"sha256:[0-9a-f]*"[^}]*"vnd.docker.reference.type"' | head -1 | grep -o 'sha256:[0-9a-f]*')
layer=$(crane manifest --insecure "$repository@$child" | tr -d '\n ' | grep -o '"layers":.*' | grep -o 'sha256:[0-9a-f]*' | head -1)
crane blob --insecure "$repository@$layer" >"$WORK/statement.json"
sed -e 's/.*"predicate"://' -e 's/}$//' <"$WORK/statement.json" >"$WORK/provenance.json"
step provenance

cosign sign "${cosign_flags[@]}" "$image" >/dev/null 2>"$WORK/cosign.log"
cosign attest "${cosign_flags[@]}" --type cyclonedx --predicate "$WORK/sbom.json" "$image" >/dev/null 2>>"$WORK/cosign.log"
cosign attest "${cosign_flags[@]}" --type https://slsa.dev/provenance/v1 --predicate "$WORK/provenance.json" "$image" >/dev/null 2>>"$WORK/cosign.log"
step sign

crane tag --insecure "$image" "${VERSION}_$REVISION"
for channel in dev:candidate stg:candidate stg:stable prod:candidate prod:stable; do
  crane copy --insecure "$image" "$REGISTRY/channels/${channel%%:*}/$SERVICE:${channel##*:}" >/dev/null 2>&1
done
step channels

for _ in 1 2 3 4; do
  curl --silent --show-error --fail --output /dev/null "$ROUTER_URL/"
done
step scenarios
