# Boxoffice in production: TypeScript run directly by Node, no build step.
#
#   docker build -t boxoffice .
#   docker run --read-only --tmpfs /tmp -v boxoffice-data:/data -p 3000:3000 --env-file boxoffice.env boxoffice
#
# With DATABASE_URL (and EVENTSTORE_URL) set, as in docker-compose.yml, nothing is kept in the container but what
# DATA_DIR holds; without, the embedded Postgres runs here too and keeps its data in /data.

FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

FROM node:26-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
# Files belong to root and the service runs as `node`: it can change nothing but its data.
RUN install --directory --owner=node --group=node --mode=0700 /data
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts"]
