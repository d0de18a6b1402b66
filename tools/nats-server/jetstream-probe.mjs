import { connect } from 'node:net';

const REPLY = '_INBOX.annals.probe';

/**
 * Asks JetStream for the account's state through one server and says whether an answer came. In a cluster the meta
 * leader answers, so a yes means that this server has a way to it: monitoring says "ok" before the servers have told
 * each other who listens to what, and a client's first request would then run into its timeout.
 * @param {string} host
 * @param {number} port
 * @param {number} [timeoutMs]
 * @returns {Promise<boolean>}
 */
export function answersJetStreamRequests(host, port, timeoutMs = 1_000) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let text = '';
    let asked = false;
    const finish = (/** @type {boolean} */ answered) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answered);
    };
    const timer = setTimeout(() => finish(false), timeoutMs);
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      if (!asked && text.includes('\r\n')) {
        asked = true;
        socket.write(`CONNECT {"verbose":false,"headers":true,"no_responders":false}\r\nSUB ${REPLY} 1\r\n`);
        socket.write(`PUB $JS.API.INFO ${REPLY} 0\r\n\r\n`);
      }
      if (text.includes(`MSG ${REPLY}`) && text.includes('io.nats.jetstream.api.v1.account_info_response'))
        finish(!text.includes('"error"'));
    });
  });
}
