#!/usr/bin/env bash
# The external work of one release, done by the stock CLIs one after the other: what a careful team
# would write by hand. The peer of `npm run bench promotion`; it prints one `name milliseconds` a step.
# Environment: REGISTRY SERVICE VERSION REVISION EPOCH SOURCE BUILDKIT_HOST BASE_GO BASE_STATIC KEY COSIGN_PASSWORD
# TRIVY_CACHE_DIR SIGNING_CONFIG TRUSTED_ROOT WORK TARGET_URL TARGET_TOKEN_FILE DOCKER_CONFIG REGISTRY_SECRET_FILE; buildctl, trivy, cosign, crane, curl on PATH.
set -euo pipefail

repository="apps/$SERVICE/$SERVICE"
started=$(date +%s%N)
step() {
  local now
  now=$(date +%s%N)
  printf '%s %d\n' "$1" $(((now - started) / 1000000))
  started=$now
}
http() { curl --silent --show-error --fail "$@"; }
size_of() { wc -c <"$1" | tr -d ' '; }
digest_of() { echo "sha256:$(sha256sum "$1" | cut -d' ' -f1)"; }

# --- build, pushed by digest with provenance
buildctl build --frontend dockerfile.v0 \
  --local "context=$SOURCE" --local "dockerfile=$SOURCE" \
  --opt attest:provenance=mode=max,version=v1 \
  --opt "context:bases/go=docker-image://$REGISTRY/$BASE_GO" \
  --opt "context:bases/static=docker-image://$REGISTRY/$BASE_STATIC" \
  --opt "label:org.opencontainers.image.version=$VERSION" \
  --opt "label:org.opencontainers.image.revision=$REVISION" \
  --opt "label:org.opencontainers.image.created=$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
  --opt "label:org.opencontainers.image.source=checkout" --opt "label:plura.region=eu-west-1" \
  --opt "label:plura.release_id=$SERVICE/${VERSION}_$REVISION" --opt "label:plura.build_id=$EPOCH" \
  --output "type=image,name=$REGISTRY/$repository,push=true,push-by-digest=true,oci-mediatypes=true,registry.insecure=true" \
  --metadata-file "$WORK/build.json" --progress plain 2>"$WORK/build.log"
digest=$(grep -o '"containerimage.digest": *"[^"]*"' "$WORK/build.json" | grep -o 'sha256:[0-9a-f]*')
image="$REGISTRY/$repository@$digest"
step build

# --- provenance as BuildKit left it; the image the index holds
crane manifest --insecure "$image" >"$WORK/index-as-stored.json"
tr -d '\n ' <"$WORK/index-as-stored.json" >"$WORK/index.json"
attestation=$(grep -o '{[^{}]*{[^{}]*"attestation-manifest"' "$WORK/index.json" | grep -o '"digest":"sha256:[0-9a-f]*"' | head -1 | cut -d'"' -f4)
child=$(grep -o '"vnd.docker.reference.digest":"sha256:[0-9a-f]*"' "$WORK/index.json" | cut -d'"' -f4)
layer=$(crane manifest --insecure "$REGISTRY/$repository@$attestation" | tr -d '\n ' | grep -o '"layers":.*' | grep -o 'sha256:[0-9a-f]*' | head -1)
crane blob --insecure "$REGISTRY/$repository@$layer" >"$WORK/statement.json"
sed -e 's/.*"predicate"://' -e 's/}$//' <"$WORK/statement.json" >"$WORK/provenance.json"
step provenance

# --- SBOM, attached to the image it is about
trivy image --cache-dir "$TRIVY_CACHE_DIR" --offline-scan --skip-version-check --disable-telemetry --quiet \
  --image-src remote --insecure --format cyclonedx --output "$WORK/sbom.json" "$image"
layout="$WORK/sbom-layout"
rm -rf "$layout" && mkdir -p "$layout/blobs/sha256"
store() { cp "$1" "$layout/blobs/sha256/$(sha256sum "$1" | cut -d' ' -f1)"; }
printf '{}' >"$WORK/empty.json"
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.cyclonedx+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[{"mediaType":"application/vnd.cyclonedx+json","digest":"%s","size":%d}],"subject":{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"%s","size":%d}}' \
  "$(digest_of "$WORK/empty.json")" "$(digest_of "$WORK/sbom.json")" "$(size_of "$WORK/sbom.json")" \
  "$digest" "$(size_of "$WORK/index-as-stored.json")" >"$WORK/sbom-manifest.json"
sbom=$(digest_of "$WORK/sbom-manifest.json")
printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%d}]}' \
  "$sbom" "$(size_of "$WORK/sbom-manifest.json")" >"$layout/index.json"
store "$WORK/empty.json"
store "$WORK/sbom.json"
store "$WORK/sbom-manifest.json"
crane push --insecure "$layout" "$REGISTRY/$repository@$sbom" >/dev/null 2>>"$WORK/crane.log"
step sbom

# --- scan gate
trivy sbom --cache-dir "$TRIVY_CACHE_DIR" --offline-scan --skip-version-check --disable-telemetry --quiet \
  --skip-db-update --skip-java-db-update --severity CRITICAL,HIGH --exit-code 1 --format json --output "$WORK/scan.json" "$WORK/sbom.json"
step scan

# --- five signatures, each in the transparency log: image, its SBOM and provenance; the platform's image; the SBOM artifact.
# A sixth follows before prod:stable: what the gates said.
cosign_flags=(--key "$KEY" --signing-config "$SIGNING_CONFIG" --trusted-root "$TRUSTED_ROOT" --yes)
sign() { cosign "$@" >/dev/null 2>>"$WORK/cosign.log"; }
sign sign "${cosign_flags[@]}" --allow-http-registry "$image"
sign attest "${cosign_flags[@]}" --allow-http-registry --type cyclonedx --predicate "$WORK/sbom.json" "$image"
sign attest "${cosign_flags[@]}" --allow-http-registry --type https://slsa.dev/provenance/v1 --predicate "$WORK/provenance.json" "$image"
sign sign "${cosign_flags[@]}" --allow-http-registry "$REGISTRY/$repository@$child"
sign sign "${cosign_flags[@]}" --allow-http-registry "$REGISTRY/$repository@$sbom"
step sign

# --- tag and channels; containers, traffic and scenarios at the rollout target
# Token and secret go by files, so that they stand in no command line.
printf 'header = "authorization: Bearer %s"\nheader = "content-type: application/json"\n' "$(cat "$TARGET_TOKEN_FILE")" >"$WORK/target.conf"
target() { http --config "$WORK/target.conf" --request "$1" --data "$3" "$TARGET_URL/v1/rollouts/$SERVICE/$2"; }
placed="{\"epoch\":$EPOCH,\"image\":{\"repository\":\"$repository\",\"digest\":\"$digest\"},\"healthPath\":\"/healthz\",\"readyTimeoutMs\":30000}"
percent() { target PUT "$1/candidate/percent" "{\"epoch\":$EPOCH,\"candidate\":\"$digest\",\"percent\":$2}" >/dev/null; }
channel() { crane copy --insecure "$image" "$REGISTRY/channels/$1/$SERVICE:$2" >/dev/null 2>>"$WORK/crane.log"; }
printf 'user = "system:%s"\n' "$(cat "$REGISTRY_SECRET_FILE")" >"$WORK/registry.conf"
clear_channel() { http --config "$WORK/registry.conf" --request DELETE --output /dev/null "http://$REGISTRY/v2/channels/$1/$SERVICE/manifests/$2"; }

crane tag --insecure "$image" "${VERSION}_$REVISION" 2>>"$WORK/crane.log"
channel dev candidate
step tag

channel stg candidate
target PUT stg/candidate "$placed" >/dev/null
step stg

track=$(http --config "$WORK/target.conf" "$TARGET_URL/v1/rollouts/$SERVICE/stg/tracks/candidate" | grep -o 'http://[^"]*')
for share in 5 25 100; do
  percent stg "$share"
  http "$track/" | grep -q '"service":"checkout"'
  http "$track/cart" | grep -q '"totalCents":2100'
  http --header 'content-type: application/json' --data '[{"sku":"kettle","quantity":1}]' "$track/cart" | grep -q '"totalCents":4900'
done
step canary

target PUT stg/stable "$placed" >/dev/null
channel stg stable
step stg-stable

channel prod candidate
target PUT prod/candidate "$placed" >/dev/null
percent prod 10
step prod-candidate

printf '{"release":{"id":"%s","repository":"%s"},"digest":"%s","verdicts":[{"gate":"scan","outcome":"pass","evidence":%s}]}' \
  "$SERVICE/${VERSION}_$REVISION" "$repository" "$digest" "$(cat "$WORK/scan.json")" >"$WORK/verdicts.json"
sign attest "${cosign_flags[@]}" --allow-http-registry --type https://plura.dev/attestations/verdicts/v1 --predicate "$WORK/verdicts.json" "$image"
step verdicts

target PUT prod/stable "$placed" >/dev/null
channel prod stable
step prod-stable

# --- the pin in the transparency log, the candidate channels emptied
printf '{"channel":"prod:stable","cause":"%s@%s"}' "${VERSION}_$REVISION" "$EPOCH" >"$WORK/pin.json"
sign attest-blob "${cosign_flags[@]}" --predicate "$WORK/pin.json" --type https://plura.dev/attestation/pin/v1 \
  --bundle "$WORK/pin-bundle.json" "$WORK/index-as-stored.json"
clear_channel stg candidate
clear_channel prod candidate
step seal

echo "digest $digest" >&2
