/** JetStream takes at most this many messages in an atomic batch (err_code 10199 above). */
export const MAX_BATCH_EVENTS = 1_000;
/** An event lists at most this many tags … */
export const MAX_TAGS = 100;
/** … and a text field of the envelope takes at most this many characters. */
export const MAX_FIELD_CHARACTERS = 256;
/** A message id takes at most this many characters. */
export const MAX_MESSAGE_ID_CHARACTERS = 128;
