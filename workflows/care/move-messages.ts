import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { ModelMoveState } from '../../contracts/model-move.ts';
import type { Actor } from '../../contracts/transcript.ts';

/** Who asks for something. */
export interface MoveRequest {
  readonly by: Actor;
}

/** Answers with where a move to another embedding model stands; changes nothing. */
export const moveQuery = defineQuery<ModelMoveState>('move');

/** Goes back to the former model. Refused once its vectors are being dropped. */
export const rollBackUpdate = defineUpdate<void, [MoveRequest]>('rollBack');

/** Ends the time in which the former vectors are kept. Refused before the switch. */
export const finishUpdate = defineUpdate<void, [MoveRequest]>('finish');

/** Tries again at once what a move is blocked by. Refused where nothing blocks it. */
export const retryUpdate = defineUpdate<void, [MoveRequest]>('retry');
