# The gateway. Build: docker build -t annals-gateway .
# Run: docker run -p 127.0.0.1:3000:3000 -e NATS_URL=nats://… -e ALLOW_INSECURE=true annals-gateway
ARG NODE_VERSION=20

FROM node:${NODE_VERSION}-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund
RUN npx nx run gateway:build \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 && find apps libs -type d -name src -prune -exec rm -rf {} +

FROM node:${NODE_VERSION}-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000
WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/libs ./libs
COPY --from=build /src/apps ./apps
# Files of replays; a volume mounted here takes its owner from it.
RUN install -d -o node -g node /data/replays
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "apps/gateway/dist/main.js"]
