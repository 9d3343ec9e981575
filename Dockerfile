# The product: API, workers, gateway, admission webhook, migrations, local issuer; docker-compose.yml chooses by command.
# It passes the product's own policy (test/unit/compose.test.ts): several stages, allow-listed bases, not root.
# Bases stand without a tag: our build pins each to a signed digest, as it does for every service.

FROM registry.access.redhat.com/ubi10/ubi-minimal AS build
RUN ["microdnf", "install", "-y", "--nodocs", "--setopt=install_weak_deps=0", "nodejs", "npm"]
WORKDIR /app
COPY package.json package-lock.json ./
RUN ["npm", "ci", "--no-audit", "--no-fund"]
COPY . .
# Node 24 is a package of ours (node_modules/.bin/node); the base's Node only installs it.
RUN ["npm", "exec", "--", "node", "scripts/build.mjs"]
RUN ["npm", "prune", "--omit=dev", "--no-audit", "--no-fund"]
# The runtime brings its own Node; folders that volumes cover are made here with their owner.
RUN rm -rf node_modules/node node_modules/.bin \
  && mkdir -p /state/rekor /issuer /admission /sources /trivy \
  && chown -R 65532:65532 /state /issuer /admission /sources /trivy \
  && chmod 0700 /state /state/rekor /issuer /admission

FROM gcr.io/distroless/nodejs24-debian13
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build --chown=65532:65532 /state /var/lib/plura
COPY --from=build --chown=65532:65532 /issuer /var/lib/plura-issuer
COPY --from=build --chown=65532:65532 /admission /var/lib/plura-admission
COPY --from=build --chown=65532:65532 /sources /var/lib/plura-sources
COPY --from=build --chown=65532:65532 /trivy /var/lib/plura-trivy
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/deploy/policy ./deploy/policy
COPY --from=build /app/src/local/advisories/canary.cdx.json ./canary.cdx.json
COPY --from=build /app/dist ./dist

# Labels that the policy requires (deploy/policy/default.yaml, build.requiredLabels).
ARG VERSION=0.0.0-dev
ARG REVISION=unknown
ARG SOURCE=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG REGION=none
ARG RELEASE_ID=none
ARG BUILD_ID=none
LABEL org.opencontainers.image.title="plura reg" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.created="${CREATED}" \
      plura.region="${REGION}" \
      plura.release_id="${RELEASE_ID}" \
      plura.build_id="${BUILD_ID}"

USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "--enable-source-maps"]
CMD ["dist/src/main/api.js"]
