/** A server did not come up; the message has the end of its log. */
export class NatsServerStartFailed extends Error {
  /** @type {'NATS_SERVER_START_FAILED'} */
  code = 'NATS_SERVER_START_FAILED';
  name = 'NatsServerStartFailed';

  /**
   * @param {string} message
   * @param {string} logTail
   */
  constructor(message, logTail) {
    super(logTail ? `${message}\nThe end of its log:\n${logTail}` : message);
    this.portTaken = /address already in use/.test(logTail);
  }
}
