// For specs: stands in for the gateway. Behaves as FAKE_GATEWAY says.
import { createServer } from 'node:http';

const { HOST, PORT, NATS_URL, DATA_DIR, REPLAY_FILE_DIRECTORY, FAKE_GATEWAY } = process.env;
if (FAKE_GATEWAY === 'broken') {
  console.error('the configuration cannot be used');
  process.exit(3);
}

const server = createServer((request, response) => {
  if (request.url === '/die') process.exit(7);
  const told = { pid: process.pid, natsUrl: NATS_URL, dataDir: DATA_DIR, replayDirectory: REPLAY_FILE_DIRECTORY };
  response.end(JSON.stringify(told));
});
server.listen(Number(PORT), HOST);
process.on('SIGTERM', () => {
  console.log('fake gateway stops');
  if (FAKE_GATEWAY === 'stubborn') return;
  server.closeAllConnections();
  server.close();
});
