/**
 * A request to try, and what it shows.
 * @typedef {{ shows: string, method?: 'POST', url: string, accept?: string, body?: unknown }} Look
 */

/**
 * @param {string} gateway base URL
 * @param {{ users: string, vendors: string }} services
 * @param {{ userId: string, vendorId: string, correlationId: string }} seen
 * @returns {readonly Look[]}
 */
export function looksAtTraffic(gateway, services, { userId, vendorId }) {
  return [
    stats(gateway),
    history(gateway, 'everything that happened to one user', 'user', userId),
    aggregate(gateway, "a vendor's events and version", 'vendor', vendorId),
    replay(gateway, 'which vendors opened where', { eventTypes: 'vendor.created,vendor.location.updated', limit: '5' }),
    {
      ...replay(gateway, 'all WebSocket events, one JSON object a line', { eventTypes: 'websocket.>' }),
      accept: NDJSON,
    },
    reconstruct(gateway, "a vendor's state, folded from its events", 'vendor', vendorId, {}),
    reconstruct(gateway, 'the same as it was at version 2', 'vendor', vendorId, { toVersion: 2 }),
    { shows: 'the same user as its own service sees it', url: `${services.users}/users/${encodeURIComponent(userId)}` },
  ];
}

/**
 * @param {string} gateway base URL
 * @param {'flights' | 'github'} data
 * @returns {readonly Look[]}
 */
export function looksAtData(gateway, data) {
  if (data === 'github') {
    const id = 'Codertocat/Hello-World#1';
    return [
      stats(gateway),
      history(gateway, 'what happened to an issue', 'issue', id),
      aggregate(gateway, 'the first events of a repository, its version', 'repository', 'Codertocat/Hello-World', 3),
      replay(gateway, 'releases of all repositories', { eventTypes: 'github.release.*', limit: '5' }),
      replay(gateway, 'what happened in 2020', {
        fromTimestamp: '2020-01-01T00:00:00Z',
        toTimestamp: '2020-12-31T23:59:59Z',
      }),
      reconstruct(gateway, 'an issue, folded from its payloads', 'issue', id, { limit: 1 }),
    ];
  }
  return [
    stats(gateway),
    history(gateway, 'the first flights at Chicago O’Hare', 'airport', 'ORD', 5),
    aggregate(gateway, 'a busy route', 'route', 'LAX-PHX', 5),
    replay(gateway, 'all departures of the first morning of 2001', {
      eventTypes: 'flight.departed',
      fromTimestamp: '2001-01-01T00:00:00Z',
      toTimestamp: '2001-01-01T06:00:00Z',
    }),
    reconstruct(gateway, 'a route after its tenth flight', 'route', 'LAX-PHX', { toVersion: 10, limit: 1 }),
  ];
}

/**
 * @param {string} gateway base URL
 * @param {{ type: string, id: string }} large
 * @returns {readonly Look[]}
 */
export function looksAtGenerated(gateway, large) {
  return [
    stats(gateway),
    aggregate(gateway, 'the first events of one of the largest aggregates, its version', large.type, large.id, 3),
    history(gateway, 'its history, a page of it', large.type, large.id, 3),
    replay(gateway, 'cancelled orders', { eventTypes: 'order.cancelled', limit: '3' }),
    reconstruct(gateway, 'its state, folded from all its events', large.type, large.id, { limit: 1 }),
  ];
}

/**
 * As a line for a shell; quoting is that of POSIX shells.
 * @param {Look} look
 */
export function toCurl({ method, url, accept, body }) {
  const parts = ['curl -s'];
  if (method) parts.push(`-X ${method}`);
  if (accept) parts.push(`-H ${quoted(`accept: ${accept}`)}`);
  if (body !== undefined)
    parts.push(`-H ${quoted('content-type: application/json')} -d ${quoted(JSON.stringify(body))}`);
  return [...parts, quoted(url)].join(' ');
}

const NDJSON = 'application/x-ndjson';

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** @param {string} gateway */
function stats(gateway) {
  return { shows: 'how much of what is stored', url: `${gateway}/events/stats` };
}

/**
 * @param {string} gateway
 * @param {string} shows
 * @param {string} aggregateType
 * @param {string} aggregateId
 * @param {number} [limit]
 */
function history(gateway, shows, aggregateType, aggregateId, limit) {
  return { shows, url: `${gateway}/events/history?${query({ aggregateType, aggregateId, ...optional({ limit }) })}` };
}

/**
 * @param {string} gateway
 * @param {string} shows
 * @param {string} aggregateType
 * @param {string} aggregateId
 * @param {number} [limit]
 */
function aggregate(gateway, shows, aggregateType, aggregateId, limit) {
  return { shows, url: `${gateway}/events/aggregate?${query({ aggregateType, aggregateId, ...optional({ limit }) })}` };
}

/**
 * @param {string} gateway
 * @param {string} shows
 * @param {Record<string, string>} criteria
 */
function replay(gateway, shows, criteria) {
  return { shows, url: `${gateway}/events/replay?${query(criteria)}` };
}

/**
 * @param {string} gateway
 * @param {string} shows
 * @param {string} type
 * @param {string} id
 * @param {object} body
 * @returns {Look}
 */
function reconstruct(gateway, shows, type, id, body) {
  const url = `${gateway}/events/streams/${encodeURIComponent(id)}/reconstruct?${query({ type })}`;
  return { shows, method: 'POST', url, body };
}

/** @param {Record<string, string>} parameters */
function query(parameters) {
  // Commas, colons and stars mean nothing special in a query, and read better as they are.
  return new URLSearchParams(parameters)
    .toString()
    .replaceAll('%2C', ',')
    .replaceAll('%3A', ':')
    .replaceAll('%3E', '>');
}

/** @param {{ limit: number | undefined }} parameters */
function optional({ limit }) {
  return limit === undefined ? {} : { limit: String(limit) };
}
