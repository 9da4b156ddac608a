/**
 * How long a workflow task waits for the worker that has the workflow in its cache, before any worker may take it.
 * Temporal's default is 10 s; chosen so that another worker takes over a dead one's tasks within three seconds
 * (`npm run bench -- recovery`). The workflow task's own timeout stays at Temporal's 10 s: shorter, and a machine that is
 * merely busy throws its work away. See `docs/decisions/0006-recovery-times.md`.
 */
export const STICKY_TIMEOUT_MS = 1_000;

/**
 * How often a heartbeat reaches the server at most. The SDK would hold them back for 0.8 of the heartbeat timeout, which
 * leaves a fifth of it before a worker that is merely busy is believed dead.
 */
export const HEARTBEAT_THROTTLE_MS = 1_000;

/**
 * Workflow tasks that a worker has in hand at the same time. Each waits for the worker's one workflow thread, its local
 * stages included: with the SDK's 40 and more tasks than the machine can carry, they run out of time there and begin
 * again, which makes more work. See `docs/decisions/0006-recovery-times.md`.
 */
export const MOST_WORKFLOW_TASKS = 12;

/**
 * Tasks that a worker keeps in its memory, at 0.4 MB each. The SDK derives their number from the heap, some 2,300 of them,
 * and waiting tasks fill it. Those at work fit into this: most of them are in one of the worker's 100 activities. A task
 * that is not in memory is replayed when it goes on (`npm run bench -- waiting`).
 */
export const MOST_CACHED_TASKS = 128;

/**
 * How long calls under way have to end once a worker is asked to stop: the default of a tool's own time, so that a call
 * fits. A pod's or container's own grace must be longer (`docs/deploys.md`).
 */
export const DEFAULT_GRACE_MS = 60_000;
