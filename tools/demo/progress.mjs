import cliProgress from 'cli-progress';

/** Without a terminal a line is printed this often. */
const LINE_EVERY_MS = 5_000;
/** The rate is of the last seconds, so that the remaining time follows what happens now. */
const RATE_WINDOW_MS = 10_000;

/**
 * @typedef {object} ProgressOptions
 * @property {string} what is counted: events, users
 * @property {number} total
 * @property {NodeJS.WriteStream} [stream] default standard output
 * @property {() => number} [now] milliseconds
 */

/** Shows how far something is, how fast, and how long it will still take: a bar on a terminal, lines elsewhere. */
export class Progress {
  #options;
  #now;
  #stream;
  /** @type {cliProgress.SingleBar | undefined} */
  #bar;
  /** @type {{ at: number, done: number }[]} */
  #marks = [];
  #startedAt;
  #lineAt;
  #done = 0;

  /** @param {ProgressOptions} options */
  constructor(options) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#stream = options.stream ?? process.stdout;
    this.#startedAt = this.#now();
    this.#lineAt = this.#startedAt;
    this.#marks.push({ at: this.#startedAt, done: 0 });
    if (!this.#stream.isTTY) return;
    this.#bar = new cliProgress.SingleBar(
      { format: '  {bar} {text}', barsize: 30, hideCursor: true, stream: this.#stream, fps: 5 },
      cliProgress.Presets.shades_classic,
    );
    this.#bar.start(options.total, 0, { text: '' });
  }

  /** @param {number} done how many of the total */
  update(done) {
    const now = this.#now();
    this.#done = done;
    this.#marks.push({ at: now, done });
    while (this.#marks.length > 2 && Number(this.#marks[0]?.at) < now - RATE_WINDOW_MS) this.#marks.shift();
    if (this.#bar) this.#bar.update(done, { text: this.#text() });
    else if (now - this.#lineAt >= LINE_EVERY_MS) {
      this.#lineAt = now;
      this.#stream.write(`  ${this.#text()}\n`);
    }
  }

  /** Ends the display. @returns {string} how many, how long, how fast on the whole */
  finish() {
    this.#bar?.stop();
    const seconds = (this.#now() - this.#startedAt) / 1_000;
    const rate = seconds > 0 ? this.#done / seconds : 0;
    return `${count(this.#done)} ${this.#options.what} in ${duration(seconds)}, ${count(rate)}/s`;
  }

  #text() {
    const { total, what } = this.#options;
    const percent = Math.floor((this.#done / total) * 100);
    const rate = this.#rate();
    const remaining = rate > 0 ? `, ${duration((total - this.#done) / rate)} left` : '';
    return `${percent} % · ${count(this.#done)} of ${count(total)} ${what} · ${count(rate)}/s${remaining}`;
  }

  #rate() {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (!first || !last || last.at === first.at) return 0;
    return ((last.done - first.done) / (last.at - first.at)) * 1_000;
  }
}

/**
 * 12345.6 → 12,346
 * @param {number} value
 */
export function count(value) {
  return Math.round(value).toLocaleString('en-US');
}

/**
 * 4.21 → 4.2 s, 75 → 1 min 15 s
 * @param {number} seconds
 */
export function duration(seconds) {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
