import type { DeadLetterBody, RedriveResponse } from '@annals/contract';
import { DeadLetterNotFound, type DeadLetterSelection } from '@annals/core';
import type { FastifyRequest } from 'fastify';
import type { Answers } from '../http/answers.ts';
import { refuseInput } from '../http/no-input.ts';
import { deadLetterBody } from './dead-letter-body.ts';
import { letterIdOf } from './dead-letter-selection.ts';

/** Has letters handled again. */
export function redriveLetters(
  answers: Answers,
  selection: DeadLetterSelection,
  ratePerSecond?: number,
): Promise<RedriveResponse> {
  return answers.run(async ({ deadLetters }, signal) => {
    const options = { signal, ...(ratePerSecond !== undefined && { ratePerSecond }) };
    const { matched, redriven, orphaned } = await deadLetters.redrive(selection, options);
    return { matched, redriven, orphaned };
  });
}

/** The letter that the path names. @throws DeadLetterNotFound */
export async function getLetter(answers: Answers, request: FastifyRequest): Promise<DeadLetterBody> {
  refuseInput(request);
  const id = letterIdOf(request.params);
  return deadLetterBody(await answers.run((store) => store.deadLetters.get(id)));
}

/** Has the letter that the path names handled again. @throws DeadLetterNotFound */
export function redriveLetter(answers: Answers, request: FastifyRequest): Promise<RedriveResponse> {
  refuseInput(request);
  return redriveLetters(answers, { ids: [letterIdOf(request.params)] });
}

/** Removes the letter that the path names. @throws DeadLetterNotFound */
export async function deleteLetter(answers: Answers, request: FastifyRequest): Promise<void> {
  refuseInput(request);
  const id = letterIdOf(request.params);
  const purged = await answers.run((store) => store.deadLetters.purge({ ids: [id] }));
  if (purged === 0) throw new DeadLetterNotFound(id);
}
