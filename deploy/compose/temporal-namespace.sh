#!/bin/sh
# The namespace and our search attributes (src/contract/search-attributes.ts); safe to repeat.
set -eu

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d

known=$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE")
for name in PluraService PluraDigest PluraStage PluraVerdict; do
  case $known in
    *"$name"*) ;;
    *)
      temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
        --name "$name" --type Keyword
      ;;
  esac
done
